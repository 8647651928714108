package im_test

import (
	"crypto/tls"
	"io"
	"log/slog"
	"net"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/cloudwego/kitex/client"
	"github.com/cloudwego/kitex/pkg/connpool"

	"example.com/im/idl/credential/credentialtest"
	"example.com/im/idl/gen/im"
	"example.com/im/idl/rpctls"
	service "example.com/im/rpc-server/im"
	"example.com/im/rpc-server/store/storetest"
)

// name is that of rpc-servers, by default.
const name = "rpc-server"

// issue returns settings with a new certificate of the authority.
func issue(t testing.TB, a *credentialtest.Authority, names ...string) rpctls.Settings {
	t.Helper()
	cert, key := a.Issue(t, names...)
	return rpctls.Settings{CA: a.File, Cert: cert, Key: key, Name: name}
}

// secure returns the settings of a service that takes calls by TLS.
func secure(t testing.TB) (service.Config, *credentialtest.Authority) {
	t.Helper()
	a := credentialtest.NewAuthority(t)
	cfg := config(t)
	cfg.TLS = issue(t, a, name)
	return cfg, a
}

// byTLS returns how a client reaches a service.
func byTLS(t testing.TB, cfg service.Config) []client.Option {
	t.Helper()
	options, err := cfg.TLS.ClientOptions(slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	return append(options, client.WithConnectTimeout(endTime)) // by default 50 ms, which a busy machine exceeds
}

// kept keeps connections, as gateways do.
var kept = client.WithLongConnection(connpool.IdleConfig{MaxIdlePerAddress: 64, MaxIdleTimeout: time.Minute})

func TestCallsByTLS(t *testing.T) {
	t.Parallel()
	cfg, _ := secure(t)
	cfg.Addr = storetest.Reserve(t)
	addr := start(t, cfg)
	c := dial(t, addr, append(byTLS(t, cfg), kept)...)
	awaitReady(t, c)
	if err := service.CheckHealth(t.Context(), cfg.Settings); err != nil {
		t.Errorf("CheckHealth = %v", err)
	}
	text := strings.Repeat("x", 16<<10)
	for range 10 {
		all := &im.SendAllRequest{}
		for range 10 {
			all.Sends = append(all.Sends, &im.SendRequest{Message: &im.Message{Chat: "a:b", Sender: "a", Text: text}})
		}
		resp, err := c.SendAll(t.Context(), all)
		if err != nil || len(resp.Answers) != 10 || resp.Answers[9].Code != im.Code_OK {
			t.Fatalf("SendAll = %v, %v", resp, err)
		}
	}
	if resp := pull(t, c, &im.PullRequest{Chat: "a:b", Limit: 100}); len(resp.Messages) != 64 || resp.Messages[63].Text != text {
		t.Errorf("Pull = %d messages", len(resp.Messages))
	}
	if resp, err := c.Chats(t.Context(), &im.ChatsRequest{Member: "a"}); err != nil || len(resp.LastMessages) != 1 {
		t.Errorf("Chats = %v, %v", resp, err)
	}
	if resp, err := c.Sync(t.Context(), &im.SyncRequest{Member: "a"}); err != nil || resp.Code != im.Code_OK {
		t.Errorf("Sync = %v, %v", resp, err)
	}
	if resp, err := c.Watch(t.Context(), &im.WatchRequest{WaitMs: 500}); err != nil || resp.Code != im.Code_OK {
		t.Errorf("Watch = %v, %v", resp, err)
	}
	if resp := send(t, c, &im.Message{Chat: "a:b", Sender: "a", Text: strings.Repeat("x", 128<<10)}); resp.Code != im.Code_INVALID_ARGUMENT {
		t.Errorf("too long a text: %v", resp.Code)
	}
}

// rawTLS connects as clients do, and returns the connection after the server has said
// that it takes the certificate.
func rawTLS(t *testing.T, addr string, s rpctls.Settings) net.Conn {
	t.Helper()
	cert, err := tls.LoadX509KeyPair(s.Cert, s.Key)
	if err != nil {
		t.Fatal(err)
	}
	conn, err := tls.Dial("tcp", addr, &tls.Config{InsecureSkipVerify: true, Certificates: []tls.Certificate{cert}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	_ = conn.SetDeadline(time.Now().Add(endTime))
	if _, err := io.ReadFull(conn, make([]byte, 1)); err != nil {
		t.Fatal(err)
	}
	return conn
}

// The bounds of calls hold by TLS.
func TestBoundsByTLS(t *testing.T) {
	t.Parallel()
	cfg, _ := secure(t)
	addr := start(t, cfg)
	conn := rawTLS(t, addr, cfg.TLS)
	if _, err := conn.Write(framed(wireMessage("Send", call, argument(1, []byte{tStop})))); err != nil {
		t.Fatal(err)
	}
	if a, err := readAnswer(conn); err != nil || a.kind != exception {
		t.Errorf("a malformed call: %v, %v", a, err)
	}
	conn = rawTLS(t, addr, cfg.TLS)
	if _, err := conn.Write([]byte{0x7f, 0xff, 0xff, 0xff, 0x80, 1, 0, 1, 0, 0, 0, 4}); err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadAll(conn); err != nil && os.IsTimeout(err) {
		t.Error("a call of alleged 2 GB is waited for")
	}
}

// Who has no certificate of the authority comes to no call, and is told before it has
// sent one. The log says so.
func TestStrangersByTLS(t *testing.T) {
	t.Parallel()
	cfg, a := secure(t)
	log := &buffer{}
	cfg.Log = slog.New(slog.NewTextHandler(log, nil))
	addr := start(t, cfg)
	other := credentialtest.NewAuthority(t)
	foreign := issue(t, other, name)
	foreign.CA = a.File
	cert, key := a.IssueUntil(t, time.Now().Add(-time.Minute), name)
	misnamed := issue(t, a, name)
	misnamed.Name = "another"
	untrusting := issue(t, a, name)
	untrusting.CA = other.File
	for what, tc := range map[string]struct {
		settings rpctls.Settings
		want     string
	}{
		"a foreign certificate":  {foreign, "bad certificate|unknown certificate authority"},
		"an expired certificate": {rpctls.Settings{CA: a.File, Cert: cert, Key: key, Name: name}, "expired certificate|bad certificate"},
		"another name":           {misnamed, "not another"},
		"another authority":      {untrusting, "unknown authority"},
		"plain text":             {rpctls.Settings{}, ""},
	} {
		c := dial(t, addr, byTLS(t, service.Config{Settings: service.Settings{TLS: tc.settings}})...)
		resp, err := c.Send(t.Context(), &im.SendRequest{Message: &im.Message{Chat: "a:b", Sender: "a", Text: "x"}})
		found := tc.want == ""
		for _, want := range strings.Split(tc.want, "|") {
			found = found || err != nil && strings.Contains(err.Error(), want)
		}
		if err == nil || !found || tc.want != "" && !strings.Contains(err.Error(), "TLS with rpc-server") {
			t.Errorf("%s: %v, %v; want %q", what, resp, err, tc.want)
		}
	}
	// A client without a certificate at all.
	conn, err := tls.Dial("tcp", addr, &tls.Config{InsecureSkipVerify: true})
	if err == nil {
		_ = conn.SetDeadline(time.Now().Add(endTime))
		_, err = conn.Read(make([]byte, 1))
		_ = conn.Close()
	}
	if err == nil || !strings.Contains(err.Error(), "certificate required") {
		t.Errorf("no certificate: %v", err)
	}
	storetest.Await(t, func() bool { return strings.Contains(log.String(), "a client was refused") })
	if resp := pull(t, dial(t, addr, byTLS(t, cfg)...), &im.PullRequest{Chat: "a:b"}); len(resp.Messages) != 0 {
		t.Errorf("strangers have sent %v", resp.Messages)
	}
}

// Connections that have ended no longer count.
func TestConnectionsByTLSAreCounted(t *testing.T) {
	t.Parallel()
	cfg, _ := secure(t)
	cfg.MaxConnections = 3
	addr := start(t, cfg)
	c := dial(t, addr, byTLS(t, cfg)...) // each call has its connection
	for range 20 {
		storetest.Await(t, func() bool {
			_, err := c.Health(t.Context(), &im.HealthRequest{})
			return err == nil
		})
	}
	storetest.Await(t, func() bool { return closesOne(t, addr, cfg.MaxConnections+1) })
	storetest.Await(t, func() bool { // they have gone
		_, err := c.Health(t.Context(), &im.HealthRequest{})
		return err == nil
	})
}

// A stop loses no call, and does not wait for idle connections. Clients notice that their
// idle connections are gone.
func TestStopByTLS(t *testing.T) {
	t.Parallel()
	cfg, _ := secure(t)
	cfg.Addr, cfg.ExitWait = storetest.Reserve(t), time.Minute
	server, c, stop, stopped := startToStop(t, cfg)
	keeps := dial(t, cfg.Addr, append(byTLS(t, cfg), kept)...)
	send(t, keeps, &im.Message{Chat: "a:b", Sender: "a", Text: "x"})
	release := storetest.Hold(t, cfg.Store)
	inFlight := make(chan *im.SendResponse, 1)
	go func() { inFlight <- send(t, c, &im.Message{Chat: "a:b", Sender: "a", Text: "x"}) }()
	storetest.Await(t, func() bool { return strings.Contains(scrape(t, cfg), `im_commit_conflicts_total 1`) })
	begin := time.Now()
	stop()
	storetest.Await(t, func() bool { return server.Ready(t.Context()) != nil })
	release()
	if resp := <-inFlight; resp.Code != im.Code_OK {
		t.Errorf("the call in flight = %v; want OK", resp)
	}
	if err := <-stopped; err != nil || time.Since(begin) > cfg.ExitWait/2 {
		t.Errorf("Run = %v after %v", err, time.Since(begin))
	}
	again := config(t)
	again.Addr, again.TLS = cfg.Addr, cfg.TLS
	start(t, again)
	awaitReady(t, c)
	send(t, keeps, &im.Message{Chat: "a:b", Sender: "a", Text: "x"})
}

// Certificates are renewed while calls go on, and none is lost. From then on the new
// authority counts.
func TestRenewalByTLS(t *testing.T) {
	t.Parallel()
	cfg, a := secure(t)
	addr := start(t, cfg)
	caller := issue(t, a, "gateway")
	var calls sync.WaitGroup
	var done atomic.Bool
	var made atomic.Int64
	for _, pool := range []client.Option{kept, client.WithShortConnection()} {
		c := dial(t, addr, append(byTLS(t, service.Config{Settings: service.Settings{TLS: caller}}), pool)...)
		for range 4 {
			calls.Go(func() {
				for !done.Load() {
					if _, err := c.Health(t.Context(), &im.HealthRequest{}); err != nil {
						t.Errorf("a call is lost: %v", err)
						return
					}
					made.Add(1)
				}
			})
		}
	}
	for range 3 {
		for _, s := range []rpctls.Settings{cfg.TLS, caller} {
			fresh := issue(t, a, name)
			replace(t, s.Key, fresh.Key) // for a moment the two do not match
			replace(t, s.Cert, fresh.Cert)
		}
		before := made.Load()
		storetest.Await(t, func() bool { return made.Load() > before+500 })
		<-time.After(1100 * time.Millisecond) // the files are looked at once a second
	}
	done.Store(true)
	calls.Wait()
}

// replace puts the content of another file into a file.
func replace(t *testing.T, file, from string) {
	t.Helper()
	content, err := os.ReadFile(from)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, content, 0o600); err != nil {
		t.Fatal(err)
	}
}
