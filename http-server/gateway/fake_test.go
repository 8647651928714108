package gateway

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/cloudwego/kitex/pkg/discovery"
	"github.com/cloudwego/kitex/pkg/rpcinfo"
	"github.com/cloudwego/kitex/pkg/transmeta"
	"github.com/cloudwego/kitex/server"
	"github.com/cloudwego/netpoll"
	"github.com/prometheus/client_golang/prometheus"

	"example.com/im/idl"
	"example.com/im/idl/gen/im"
	"example.com/im/idl/gen/im/imservice"
)

// fakeRPC is an rpc-server without a database. Methods without a function
// answer OK.
type fakeRPC struct {
	send   func(context.Context, *im.Message) (*im.SendResponse, error)
	pull   func(context.Context, *im.PullRequest) (*im.PullResponse, error)
	health func() im.Code
}

func (f *fakeRPC) Send(ctx context.Context, req *im.SendRequest) (*im.SendResponse, error) {
	if f.send == nil {
		return &im.SendResponse{SendTime: new(int64)}, nil
	}
	return f.send(ctx, req.Message)
}

func (f *fakeRPC) Pull(ctx context.Context, req *im.PullRequest) (*im.PullResponse, error) {
	if f.pull == nil {
		return &im.PullResponse{}, nil
	}
	return f.pull(ctx, req)
}

func (f *fakeRPC) Health(context.Context, *im.HealthRequest) (*im.HealthResponse, error) {
	if f.health == nil {
		return &im.HealthResponse{}, nil
	}
	return &im.HealthResponse{Code: f.health()}, nil
}

// start serves f on a free port until the test ends, and returns the address.
func (f *fakeRPC) start(t *testing.T) string {
	t.Helper()
	ln := listenTCP(t)
	quit := make(chan error, 1)
	svr := imservice.NewServer(f,
		server.WithListener(closeOnce(t, ln)),
		server.WithExitSignal(func() <-chan error { return quit }),
		server.WithExitWaitTime(10*time.Millisecond),
		server.WithServerBasicInfo(&rpcinfo.EndpointBasicInfo{ServiceName: idl.ServiceName}),
		server.WithMetaHandler(transmeta.ServerTTHeaderHandler),
		server.WithEnableContextTimeout(true),
	)
	done := make(chan error, 1)
	go func() { done <- svr.Run() }()
	t.Cleanup(func() {
		quit <- nil
		<-done
	})
	return ln.Addr().String()
}

// onceListener is a listener for a Kitex server. The one that netpoll v0.7.2
// makes closes its file descriptor twice, and the second time that may be
// another's: a connection of a gateway in this process.
type onceListener struct {
	netpoll.Listener
	tcp net.Listener
}

func closeOnce(t *testing.T, ln net.Listener) net.Listener {
	t.Helper()
	converted, err := netpoll.ConvertListener(ln)
	if err != nil {
		t.Fatal(err)
	}
	return &onceListener{converted, ln}
}

// Close stops listening. The descriptor is closed when its os.File is
// collected.
func (l *onceListener) Close() error {
	return errors.Join(l.tcp.Close(), syscall.Shutdown(l.Fd(), syscall.SHUT_RDWR))
}

func listenTCP(t *testing.T) net.Listener {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return ln
}

// startTCP serves connections that do not speak Thrift, and returns the address.
func startTCP(t *testing.T, handle func(net.Conn)) string {
	t.Helper()
	ln := listenTCP(t)
	t.Cleanup(func() { _ = ln.Close() })
	go func() {
		for {
			conn, err := ln.Accept()
			if err != nil {
				return
			}
			go handle(conn)
		}
	}()
	return ln.Addr().String()
}

// startDying serves an rpc-server that dies when a request arrives.
func startDying(t *testing.T) string {
	t.Helper()
	return startTCP(t, func(conn net.Conn) {
		_, _ = conn.Read(make([]byte, 1))
		_ = conn.Close()
	})
}

// startFrozen serves an rpc-server that never answers.
func startFrozen(t *testing.T) string {
	t.Helper()
	return startTCP(t, func(conn net.Conn) {
		t.Cleanup(func() { _ = conn.Close() })
	})
}

// refusing returns an address at which nobody listens, and nobody will: the
// test holds it.
func refusing(t *testing.T) string {
	t.Helper()
	_, address := bindTCP(t)
	return address
}

// startFull returns the address of a socket that takes no connection, as of a
// machine that has gone: connecting to it takes for ever.
func startFull(t *testing.T) string {
	t.Helper()
	fd, address := bindTCP(t)
	if err := syscall.Listen(fd, 0); err != nil {
		t.Fatal(err)
	}
	for range 10 { // fill its queue
		conn, err := net.DialTimeout("tcp", address, 50*time.Millisecond)
		if err != nil {
			return address
		}
		t.Cleanup(func() { _ = conn.Close() })
	}
	t.Fatal("the queue does not fill up")
	return ""
}

// bindTCP takes a free port without listening.
func bindTCP(t *testing.T) (fd int, address string) {
	t.Helper()
	fd, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = syscall.Close(fd) })
	if err := syscall.Bind(fd, &syscall.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}); err != nil {
		t.Fatal(err)
	}
	name, err := syscall.Getsockname(fd)
	if err != nil {
		t.Fatal(err)
	}
	return fd, fmt.Sprintf("127.0.0.1:%d", name.(*syscall.SockaddrInet4).Port)
}

// registry stands in for etcd.
type registry struct {
	discovery.SynthesizedResolver
	addresses  atomic.Pointer[[]string] // nil: it does not answer
	unanswered atomic.Int32
}

func newRegistry(addresses ...string) *registry {
	r := silentRegistry()
	r.set(addresses...)
	return r
}

// silentRegistry returns a registry that does not answer, as etcd's client
// when etcd is away.
func silentRegistry() *registry {
	r := new(registry)
	r.ResolveFunc = func(ctx context.Context, _ string) (discovery.Result, error) {
		if known := r.addresses.Load(); known != nil {
			return found(*known...)
		}
		r.unanswered.Add(1)
		<-ctx.Done()
		return discovery.Result{}, ctx.Err()
	}
	return r
}

func (r *registry) set(addresses ...string) { r.addresses.Store(&addresses) }

// found is what a registry answers.
func found(addresses ...string) (discovery.Result, error) {
	result := discovery.Result{Cacheable: true, CacheKey: idl.ServiceName}
	for _, a := range addresses {
		result.Instances = append(result.Instances, discovery.NewInstance("tcp", a, 10, nil))
	}
	if len(addresses) == 0 {
		return result, errors.New("no instance remains for im")
	}
	return result, nil
}

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
func startGateway(t *testing.T, r discovery.Resolver, change ...func(*Config)) *testGateway {
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

// newHTTPClient returns a client whose connections are its own: ports of other
// tests come again.
func newHTTPClient(t *testing.T) *http.Client {
	t.Helper()
	transport := &http.Transport{}
	t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: transport, Timeout: 20 * time.Second}
}

// startReady serves a gateway that knows the rpc-servers at addresses.
func startReady(t *testing.T, addresses ...string) *testGateway {
	t.Helper()
	return startReadyWith(t, func(*Config) {}, addresses...)
}

func startReadyWith(t *testing.T, change func(*Config), addresses ...string) *testGateway {
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
}

// do sends a request. A header is written "Name: value".
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
	return reply{resp.StatusCode, resp.Header, string(text)}
}

func (g *testGateway) send(t *testing.T) reply {
	t.Helper()
	return g.do(t, "POST", "/api/send", `{"chat":"doe:john","text":"hi","sender":"john"}`)
}

// wantError checks an error's status and that its body has code and text.
func (r reply) wantError(t *testing.T, status int, c code, text string) {
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
	if retry := r.header.Get("Retry-After"); (retry == "1") != (c == unavailable) {
		t.Errorf("Retry-After = %q with code %s", retry, c)
	}
}

// eventually waits until done returns true.
func eventually(t *testing.T, what string, done func() bool) {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Second); !done(); time.Sleep(2 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("still waiting until %s", what)
		}
	}
}
