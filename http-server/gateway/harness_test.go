package gateway

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/cloudwego/kitex/pkg/discovery"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"

	"example.com/im/http-server/fault"
)

// testGateway is a gateway that serves during a test.
type testGateway struct {
	*Server
	url    string
	client *http.Client
	stop   context.CancelFunc
	done   chan error
}

// startGateway serves a gateway with the rpc-servers in r. The given functions
// change its settings.
func startGateway(t testing.TB, r discovery.Resolver, change ...func(*Config)) *testGateway {
	t.Helper()
	cfg := DefaultConfig()
	cfg.Addr = "127.0.0.1:0"
	cfg.DrainDelay = 0
	cfg.Logger = slog.New(slog.DiscardHandler)
	cfg.Registerer = prometheus.NewRegistry()
	for _, f := range change {
		f(&cfg)
	}
	s, err := listen(cfg, r)
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	g := &testGateway{s, "http://" + s.Addr().String(), newHTTPClient(t), stop, make(chan error, 1)}
	go func() { g.done <- s.Run(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-g.done; err != nil {
			t.Errorf("Run: %v", err)
		}
	})
	return g
}

// ended waits for the end of a gateway that was stopped.
func (g *testGateway) ended() error {
	err := <-g.done
	g.done <- err
	return err
}

// newHTTPClient returns a client whose connections are its own: ports of other
// tests come again.
func newHTTPClient(t testing.TB) *http.Client {
	t.Helper()
	transport := &http.Transport{DisableCompression: true} // answers are seen as they come
	t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: transport, Timeout: 20 * time.Second}
}

// startReady serves a gateway that knows the rpc-servers at addresses.
func startReady(t testing.TB, addresses ...string) *testGateway {
	t.Helper()
	return startReadyWith(t, func(*Config) {}, addresses...)
}

func startReadyWith(t testing.TB, change func(*Config), addresses ...string) *testGateway {
	t.Helper()
	g := startGateway(t, newRegistry(addresses...), change)
	eventually(t, "the rpc-servers are known", func() bool { return g.directory.known.Load() != nil })
	return g
}

// reply is what a client gets.
type reply struct {
	status int
	header http.Header
	body   string
	closes bool // the gateway hangs up after it
}

// do sends a request, whose answer must be as the contract has it. A header is
// written "Name: value".
func (g *testGateway) do(t *testing.T, method, path, body string, headers ...string) reply {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, g.url+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		req.Header.Set(name, value)
	}
	resp, err := g.client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	r := reply{resp.StatusCode, resp.Header, string(text), resp.Close}
	if err := r.check(method, path); err != nil {
		t.Error(err)
	}
	return r
}

func (g *testGateway) send(t *testing.T) reply {
	t.Helper()
	return g.do(t, "POST", "/api/send", `{"chat":"doe:john","text":"hi","sender":"john"}`)
}

// wantError checks an error's status and that its body has code and text.
func (r reply) wantError(t *testing.T, status int, c fault.Code, text string) {
	t.Helper()
	start := `{"error":{"code":"` + string(c) + `","message":"`
	end := `","request_id":"` + r.header.Get(requestIDHeader) + `"}}`
	if r.status != status || !strings.HasPrefix(r.body, start) || !strings.HasSuffix(r.body, end) ||
		!strings.Contains(r.body, text) {
		t.Errorf("answer = %d %s; want %d with code %s and %q", r.status, r.body, status, c, text)
	}
	if got := r.header.Get("Content-Type"); got != "application/json" {
		t.Errorf("Content-Type = %q", got)
	}
	if retry := r.header.Get("Retry-After"); (retry == "1") != (c == fault.Unavailable) {
		t.Errorf("Retry-After = %q with code %s", retry, c)
	}
}

// wantShed checks how often load was shed for a reason.
func (g *testGateway) wantShed(t *testing.T, reason string, want float64) {
	t.Helper()
	if got := testutil.ToFloat64(g.metrics.shed.WithLabelValues(reason)); got != want {
		t.Errorf("shed by %s: %v; want %v", reason, got, want)
	}
}

// patience is within what anything is done, however busy the machine is. What is
// not done at all must take longer in a test.
const patience = 15 * time.Second

// within checks that something that began then has not been waited for.
func within(t *testing.T, begin time.Time, what string) {
	t.Helper()
	if took := time.Since(begin); took > patience {
		t.Errorf("%s took %v; want at most %v", what, took, patience)
	}
}

// eventually waits until done returns true.
func eventually(t testing.TB, what string, done func() bool) {
	t.Helper()
	for deadline := time.Now().Add(patience); !done(); time.Sleep(2 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("still waiting until %s", what)
		}
	}
}
