package gateway

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/cloudwego/hertz/pkg/app"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"

	"example.com/im/idl/gen/im"
)

func TestHealth(t *testing.T) {
	t.Parallel()
	var code atomic.Int64
	rpc := &fakeRPC{health: func() im.Code { return im.Code(code.Load()) }}
	g := startReady(t, rpc.start(t))
	for path, want := range map[string]string{
		"/ping": `{"message":"pong"}`, "/healthz": `{"status":"ok"}`, "/readyz": `{"status":"ready"}`,
	} {
		if r := g.do(t, "GET", path, ""); r.status != http.StatusOK || r.body != want {
			t.Errorf("%s: %d %s; want %s", path, r.status, r.body, want)
		}
		if r := g.do(t, "HEAD", path, ""); r.status != http.StatusOK || r.body != "" {
			t.Errorf("HEAD %s: %d %s", path, r.status, r.body)
		}
	}
	code.Store(int64(im.Code_UNAVAILABLE))
	g.do(t, "GET", "/readyz", "").wantError(t, http.StatusServiceUnavailable, unavailable, "")
	if r := g.do(t, "GET", "/healthz", ""); r.status != http.StatusOK {
		t.Errorf("/healthz: %d %s", r.status, r.body)
	}
}

func TestReadyWhileOneOfTheInstancesIs(t *testing.T) {
	t.Parallel()
	unable := &fakeRPC{health: func() im.Code { return im.Code_UNAVAILABLE }}
	g := startReady(t, startFrozen(t), unable.start(t), (&fakeRPC{}).start(t))
	for range 3 {
		start := time.Now()
		if r := g.do(t, "GET", "/readyz", ""); r.status != http.StatusOK {
			t.Errorf("/readyz: %d %s", r.status, r.body)
		}
		if took := time.Since(start); took > 2*time.Second {
			t.Errorf("answered after %v", took)
		}
	}
}

func TestWrongPathOrMethod(t *testing.T) {
	t.Parallel()
	g := startReady(t, (&fakeRPC{}).start(t))
	for _, path := range []string{"/", "/api", "/api/", "/api/send/", "/API/send", "/nope?x=1"} {
		g.do(t, "GET", path, "").wantError(t, http.StatusNotFound, notFound, "")
	}
	for call, allow := range map[string]string{
		"GET /api/send":      "OPTIONS, POST",
		"DELETE /api/send":   "OPTIONS, POST",
		"POST /api/pull":     "OPTIONS, GET, HEAD",
		"PUT /healthz":       "OPTIONS, GET, HEAD",
		"NONSENSE /api/pull": "OPTIONS, GET, HEAD",
	} {
		method, path, _ := strings.Cut(call, " ")
		r := g.do(t, method, path, "")
		r.wantError(t, http.StatusMethodNotAllowed, methodNotAllowed, "")
		if got := r.header.Get("Allow"); got != allow {
			t.Errorf("%s: Allow = %q; want %q", call, got, allow)
		}
	}
	if r := g.do(t, "OPTIONS", "/api/send", ""); r.status != http.StatusNoContent || r.header.Get("Allow") != "OPTIONS, POST" {
		t.Errorf("OPTIONS: %d, Allow %q", r.status, r.header.Get("Allow"))
	}
}

func TestRequestID(t *testing.T) {
	t.Parallel()
	g := startReady(t, (&fakeRPC{}).start(t))
	for name, tc := range map[string]struct {
		id   string
		kept bool
	}{
		"sane":     {"9f8a-b_c.d/e", true},
		"longest":  {strings.Repeat("x", 128), true},
		"too long": {strings.Repeat("x", 129), false},
		"spaces":   {"a b", false},
		"not text": {"é", false},
		"none":     {"", false},
	} {
		t.Run(name, func(t *testing.T) {
			seen := map[string]bool{}
			for _, call := range []string{"GET /ping", "GET /nope", "PUT /ping", "GET /api/pull", "OPTIONS /api/send"} {
				method, path, _ := strings.Cut(call, " ")
				got := g.do(t, method, path, "", "X-Request-ID: "+tc.id).header.Get("X-Request-ID")
				if got == "" || (got == tc.id) != tc.kept || seen[got] && !tc.kept {
					t.Errorf("%s: X-Request-ID = %q for %q", call, got, tc.id)
				}
				seen[got] = true
			}
		})
	}
}

func TestBodySize(t *testing.T) {
	t.Parallel()
	g := startReady(t, (&fakeRPC{}).start(t))
	const head = `{"chat":"a:b","sender":"a","text":"`
	body := func(size int) string { return head + strings.Repeat("x", size-len(head)-2) + `"}` }
	for name, size := range map[string]int{"one more": maxBodyBytes + 1, "much more": 8 * maxBodyBytes} {
		g.do(t, "POST", "/api/send", body(size)).wantError(t, http.StatusRequestEntityTooLarge, tooLarge, "131072")
		g.do(t, "GET", "/api/pull", body(size)).wantError(t, http.StatusRequestEntityTooLarge, tooLarge, "131072")
		if r := g.doChunked(t, body(size)); r.status != http.StatusRequestEntityTooLarge {
			t.Errorf("%s, chunked: %d %s", name, r.status, r.body)
		}
	}
	if r := g.do(t, "POST", "/api/send", body(maxBodyBytes)); r.status != http.StatusOK {
		t.Errorf("largest body: %d %s", r.status, r.body)
	}
	if r := g.doChunked(t, body(maxBodyBytes)); r.status != http.StatusOK {
		t.Errorf("largest body, chunked: %d %s", r.status, r.body)
	}
}

// doChunked sends a message whose length is not said in advance.
func (g *testGateway) doChunked(t *testing.T, body string) reply {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, g.url+"/api/send", io.MultiReader(strings.NewReader(body)))
	if err != nil {
		t.Fatal(err)
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

// raw sends bytes and returns the answers until the gateway hangs up.
func (g *testGateway) raw(t *testing.T, request string) string {
	t.Helper()
	conn, err := net.Dial("tcp", g.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := io.WriteString(conn, request); err != nil {
		t.Fatal(err)
	}
	_ = conn.SetReadDeadline(time.Now().Add(10 * time.Second))
	answer, err := io.ReadAll(conn)
	if err != nil {
		t.Fatalf("after %q: %v", answer, err)
	}
	return string(answer)
}

func TestRawRequests(t *testing.T) {
	t.Parallel()
	g := startReadyWith(t, func(c *Config) { c.ReadTimeout = 200 * time.Millisecond }, (&fakeRPC{}).start(t))
	for name, tc := range map[string]struct{ request, start, text string }{
		"asks before too much": {
			"POST /api/send HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 1000000\r\n\r\n",
			"HTTP/1.1 413 ", `"too_large"`,
		},
		"no host": {
			"GET /ping HTTP/1.1\r\nConnection: close\r\n\r\n",
			"HTTP/1.1 400 ", `"invalid_argument"`,
		},
		"huge header": {
			"GET /ping HTTP/1.1\r\nHost: x\r\nX: " + strings.Repeat("x", maxHeaderBytes) + "\r\n\r\n",
			"HTTP/1.1 431 ", "",
		},
		"body cut off": {
			"POST /api/send HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{",
			"HTTP/1.1 408 ", "", // Hertz's own
		},
		"chunk cut off": {
			"POST /api/send HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n9\r\n{",
			"HTTP/1.1 400 ", `"body: must arrive whole and in time"`,
		},
		"broken chunk": {
			"POST /api/send HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
			"HTTP/1.1 400 ", `"body: must arrive whole and in time"`,
		},
		"nothing": {"", "", ""},
		"two at once": {
			"GET /ping HTTP/1.1\r\nHost: x\r\n\r\nGET /ping HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
			"HTTP/1.1 200 ", `"}HTTP/1.1 200 `,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := g.raw(t, tc.request); !strings.HasPrefix(got, tc.start) || !strings.Contains(got, tc.text) {
				t.Errorf("answer = %q; want %q with %q", got, tc.start, tc.text)
			}
		})
	}
}

func TestCORS(t *testing.T) {
	t.Parallel()
	rpc := (&fakeRPC{}).start(t)
	open := startReady(t, rpc)
	closed := startReadyWith(t, func(c *Config) { c.CORSOrigins = []string{"https://a.example", "https://b.example"} }, rpc)
	for name, tc := range map[string]struct {
		g              *testGateway
		origin, allows string
	}{
		"any":          {open, "https://x.example", "*"},
		"file":         {open, "null", "*"},
		"not a page":   {open, "", ""},
		"allowed":      {closed, "https://b.example", "https://b.example"},
		"not allowed":  {closed, "https://x.example", ""},
		"close to one": {closed, "https://b.example.net", ""},
	} {
		t.Run(name, func(t *testing.T) {
			r := tc.g.do(t, "GET", "/api/pull?chat=a:b", "", "Origin: "+tc.origin)
			if got := r.header.Get("Access-Control-Allow-Origin"); r.status != http.StatusOK || got != tc.allows {
				t.Errorf("pull: %d, allows %q; want %q", r.status, got, tc.allows)
			}
			if got := r.header.Get("Access-Control-Expose-Headers"); strings.Contains(got, "X-Request-ID") != (tc.allows != "") {
				t.Errorf("exposes %q", got)
			}
			r = tc.g.do(t, "OPTIONS", "/api/send", "", "Origin: "+tc.origin,
				"Access-Control-Request-Method: POST", "Access-Control-Request-Headers: content-type")
			if got := r.header.Get("Access-Control-Allow-Origin"); r.status != http.StatusNoContent || got != tc.allows {
				t.Errorf("preflight: %d, allows %q; want %q", r.status, got, tc.allows)
			}
			methods, headers := r.header.Get("Access-Control-Allow-Methods"), r.header.Get("Access-Control-Allow-Headers")
			if tc.allows != "" && (!strings.Contains(methods, "POST") || !strings.Contains(headers, "Content-Type")) {
				t.Errorf("preflight allows methods %q, headers %q", methods, headers)
			}
		})
	}
}

func TestTooManyRequests(t *testing.T) {
	t.Parallel()
	entered, leave := make(chan bool), make(chan bool)
	rpc := &fakeRPC{send: func(context.Context, *im.Message) (*im.SendResponse, error) {
		entered <- true
		<-leave
		return &im.SendResponse{}, nil
	}}
	g := startReadyWith(t, func(c *Config) { c.MaxRequests = 2 }, rpc.start(t))
	var wg sync.WaitGroup
	for range 2 {
		wg.Go(func() {
			if r := g.send(t); r.status != http.StatusOK {
				t.Errorf("admitted: %d %s", r.status, r.body)
			}
		})
		<-entered
	}
	g.send(t).wantError(t, http.StatusServiceUnavailable, unavailable, "too many requests")
	if r := g.do(t, "GET", "/healthz", ""); r.status != http.StatusOK {
		t.Errorf("/healthz: %d", r.status)
	}
	close(leave)
	wg.Wait()
	if r := g.do(t, "GET", "/api/pull?chat=a:b", ""); r.status != http.StatusOK {
		t.Errorf("afterwards: %d %s", r.status, r.body)
	}
}

func TestPanic(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	g := startReadyWith(t, func(c *Config) { c.Logger = slog.New(slog.NewJSONHandler(&log, nil)) }, (&fakeRPC{}).start(t))
	c := app.NewContext(0)
	c.SetHandlers(app.HandlersChain{g.observe, g.recover, func(context.Context, *app.RequestContext) { panic("a secret") }})
	c.Next(t.Context())
	if got := string(c.Response.Body()); c.Response.StatusCode() != 500 || !strings.Contains(got, `"internal error"`) || strings.Contains(got, "secret") {
		t.Errorf("answer = %d %s", c.Response.StatusCode(), got)
	}
	if got := log.String(); !strings.Contains(got, "a secret") || !strings.Contains(got, "TestPanic") {
		t.Errorf("log = %s; want the panic and its stack", got)
	}
}

func TestMetrics(t *testing.T) {
	t.Parallel()
	registry := prometheus.NewRegistry()
	g := startReadyWith(t, func(c *Config) { c.Registerer = registry }, (&fakeRPC{}).start(t))
	g.send(t)
	g.do(t, "GET", "/api/pull", "")
	g.do(t, "GET", "/made/up/by/a/caller", "")
	want := `
# HELP im_http_requests_total HTTP requests answered, by route and status.
# TYPE im_http_requests_total counter
im_http_requests_total{route="/api/pull",status="400"} 1
im_http_requests_total{route="/api/send",status="200"} 1
im_http_requests_total{route="other",status="404"} 1
# HELP im_rpc_requests_total Calls of rpc-servers, retries included, by method and outcome.
# TYPE im_rpc_requests_total counter
im_rpc_requests_total{code="ok",method="Send"} 1
`
	if err := testutil.GatherAndCompare(registry, strings.NewReader(want), "im_http_requests_total", "im_rpc_requests_total"); err != nil {
		t.Error(err)
	}
}

// A stop finishes what is in flight, says so on /readyz, and then refuses.
func TestDrain(t *testing.T) {
	t.Parallel()
	entered, leave := make(chan bool), make(chan bool)
	rpc := &fakeRPC{send: func(context.Context, *im.Message) (*im.SendResponse, error) {
		entered <- true
		<-leave
		return &im.SendResponse{}, nil
	}}
	g := startReadyWith(t, func(c *Config) { c.DrainDelay = 300 * time.Millisecond }, rpc.start(t))
	inFlight := make(chan reply, 1)
	go func() { inFlight <- g.send(t) }()
	<-entered
	g.stop()
	eventually(t, "/readyz fails", func() bool {
		return g.do(t, "GET", "/readyz", "").status == http.StatusServiceUnavailable
	})
	r := g.do(t, "GET", "/api/pull?chat=a:b", "")
	if r.status != http.StatusOK {
		t.Errorf("a pull while draining: %d %s", r.status, r.body)
	}
	eventually(t, "connections are refused", func() bool {
		conn, err := net.Dial("tcp", g.Addr().String())
		if err == nil {
			_ = conn.Close()
		}
		return err != nil
	})
	select {
	case err := <-g.done:
		t.Errorf("stopped with a request in flight: %v", err)
	default:
	}
	close(leave)
	if r := <-inFlight; r.status != http.StatusOK {
		t.Errorf("the send in flight: %d %s", r.status, r.body)
	}
}

// Hertz alone would wait for idle connections until ExitWait has passed.
func TestStopHangsUpOnIdleConnections(t *testing.T) {
	t.Parallel()
	g := startReadyWith(t, func(c *Config) { c.ExitWait = time.Minute }, (&fakeRPC{}).start(t))
	conn, err := net.Dial("tcp", g.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := io.WriteString(conn, "GET /ping HTTP/1.1\r\nHost: x\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	reader := bufio.NewReader(conn)
	if resp, err := http.ReadResponse(reader, nil); err != nil || resp.Close {
		t.Fatalf("answer = %v, %v; want one that keeps the connection", resp, err)
	}
	fresh, err := net.Dial("tcp", g.Addr().String()) // has sent nothing yet
	if err != nil {
		t.Fatal(err)
	}
	defer fresh.Close()
	start := time.Now()
	g.stop()
	err = <-g.done
	g.done <- err
	if took := time.Since(start); err != nil || took > 2*time.Second {
		t.Errorf("stopped after %v: %v", took, err)
	}
}

// A request that takes longer than ExitWait does not keep the gateway.
func TestExitWait(t *testing.T) {
	t.Parallel()
	g := startReadyWith(t, func(c *Config) { c.ExitWait = 100 * time.Millisecond }, startFrozen(t))
	entered := make(chan bool)
	go func() {
		close(entered)
		resp, err := g.client.Get(g.url + "/api/pull?chat=a:b")
		if err == nil {
			_ = resp.Body.Close()
		}
	}()
	<-entered
	eventually(t, "the pull is in flight", func() bool { return g.calls.Load() == 1 })
	start := time.Now()
	g.stop()
	err := <-g.done
	g.done <- err
	if took := time.Since(start); err != nil || took > 2*time.Second {
		t.Errorf("stopped after %v: %v", took, err)
	}
}

func TestStopBeforeStart(t *testing.T) {
	t.Parallel()
	for range 20 {
		cfg := DefaultConfig()
		cfg.Addr, cfg.DrainDelay, cfg.Logger, cfg.Registerer = "127.0.0.1:0", 0, slog.New(slog.DiscardHandler), prometheus.NewRegistry()
		s, err := listen(cfg, newRegistry())
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		if err := s.Run(ctx); err != nil {
			t.Error(err)
		}
	}
}

func TestListenFailsEarly(t *testing.T) {
	t.Parallel()
	cfg := DefaultConfig()
	cfg.Addr, cfg.Registerer = refusing(t), prometheus.NewRegistry()
	if _, err := listen(cfg, newRegistry()); err == nil {
		t.Error("Listen on an address in use succeeds")
	}
}
