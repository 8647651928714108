package gateway

import (
	"bytes"
	"context"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/cloudwego/hertz/pkg/app"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"

	"example.com/im/http-server/fault"
	"example.com/im/http-server/guard"
	"example.com/im/http-server/rpc/rpctest"
	"example.com/im/idl/gen/im"
)

func TestRequestID(t *testing.T) {
	t.Parallel()
	g := startReady(t, (&rpctest.Fake{}).Start(t))
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

func TestCORS(t *testing.T) {
	t.Parallel()
	rpc := (&rpctest.Fake{}).Start(t)
	open := startReady(t, rpc)
	closed := startReadyWith(t, func(c *Config) { c.Guard.CORSOrigins = []string{"https://a.example", "https://b.example"} }, rpc)
	for name, tc := range map[string]struct {
		g              *testGateway
		origin, allows string
	}{
		"any":        {open, "https://x.example", "*"},
		"file":       {open, "null", "*"},
		"not a page": {open, "", ""},
		"allowed":    {closed, "https://b.example", "https://b.example"},
	} {
		t.Run(name, func(t *testing.T) {
			r := tc.g.do(t, "GET", "/api/pull?chat=a:b", "", "Origin: "+tc.origin)
			if got := r.header.Get("Access-Control-Allow-Origin"); r.status != http.StatusOK || got != tc.allows {
				t.Errorf("pull: %d, allows %q; want %q", r.status, got, tc.allows)
			}
			if got := r.header.Get("Access-Control-Expose-Headers"); strings.Contains(got, "X-Request-ID") != (tc.allows != "") ||
				strings.Contains(got, "WWW-Authenticate") != (tc.allows != "") {
				t.Errorf("exposes %q", got)
			}
			r = tc.g.do(t, "OPTIONS", "/api/send", "", "Origin: "+tc.origin,
				"Access-Control-Request-Method: POST", "Access-Control-Request-Headers: content-type")
			if got := r.header.Get("Access-Control-Allow-Origin"); r.status != http.StatusNoContent || got != tc.allows {
				t.Errorf("preflight: %d, allows %q; want %q", r.status, got, tc.allows)
			}
			methods, headers := r.header.Get("Access-Control-Allow-Methods"), r.header.Get("Access-Control-Allow-Headers")
			if tc.allows != "" && (!strings.Contains(methods, "POST") ||
				headers != "Content-Type, Authorization, Idempotency-Key, X-Request-ID, traceparent, tracestate, baggage") {
				t.Errorf("preflight allows methods %q, headers %q", methods, headers)
			}
		})
	}
}

func TestTooManyRequests(t *testing.T) {
	t.Parallel()
	entered, leave := make(chan bool), make(chan bool)
	rpc := &rpctest.Fake{OnSend: func(context.Context, *im.Message) (*im.SendResponse, error) {
		entered <- true
		<-leave
		return &im.SendResponse{SendTime: new(int64(1))}, nil
	}}
	g := startReadyWith(t, func(c *Config) { c.Guard.MaxRequests = 2 }, rpc.Start(t))
	var wg sync.WaitGroup
	for range 2 {
		wg.Go(func() {
			if r := g.send(t); r.status != http.StatusOK {
				t.Errorf("admitted: %d %s", r.status, r.body)
			}
		})
		<-entered
	}
	g.send(t).wantError(t, http.StatusServiceUnavailable, fault.Unavailable, "too many requests")
	g.wantShed(t, guard.ShedRequests, 1)
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
	g := startReadyWith(t, func(c *Config) { c.Log = slog.New(slog.NewJSONHandler(&log, nil)) }, (&rpctest.Fake{}).Start(t))
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
	g := startReadyWith(t, func(c *Config) { c.Registerer = registry }, (&rpctest.Fake{}).Start(t))
	g.send(t)
	g.do(t, "GET", "/api/pull", "")
	g.do(t, "GET", "/made/up/by/a/caller", "")
	want := `
# HELP im_http_requests_total HTTP requests answered, by route and status.
# TYPE im_http_requests_total counter
im_http_requests_total{route="/api/pull",status="400"} 1
im_http_requests_total{route="/api/send",status="200"} 1
im_http_requests_total{route="other",status="404"} 1
# HELP im_rpc_client_requests_total Calls of rpc-servers, retries included, by method and outcome.
# TYPE im_rpc_client_requests_total counter
im_rpc_client_requests_total{code="ok",method="Send"} 1
# HELP im_http_rpc_servers Instances of rpc-server that are known from etcd.
# TYPE im_http_rpc_servers gauge
im_http_rpc_servers 1
# HELP im_http_shed_total API calls answered 503, and connections closed, because there are too many, by the setting that bounds them.
# TYPE im_http_shed_total counter
im_http_shed_total{reason="max_answer_bytes"} 0
im_http_shed_total{reason="max_answer_bytes_per_client"} 0
im_http_shed_total{reason="max_connections"} 0
im_http_shed_total{reason="max_connections_per_client"} 0
im_http_shed_total{reason="max_requests"} 0
im_http_shed_total{reason="max_waiting"} 0
im_http_shed_total{reason="rate_limit"} 0
`
	names := []string{"im_http_requests_total", "im_rpc_client_requests_total", "im_http_rpc_servers", "im_http_shed_total"}
	if err := testutil.GatherAndCompare(registry, strings.NewReader(want), names...); err != nil {
		t.Error(err)
	}
	if n, err := testutil.GatherAndCount(registry, "go_build_info"); n != 1 || err != nil {
		t.Errorf("go_build_info: %d, %v", n, err)
	}
}

// Before an rpc-server is found, the metric says that there is none.
func TestMetricsWithoutRPCServer(t *testing.T) {
	t.Parallel()
	registry := prometheus.NewRegistry()
	startGateway(t, rpctest.NewRegistry(), func(c *Config) { c.Registerer = registry })
	want := `
# HELP im_http_rpc_servers Instances of rpc-server that are known from etcd.
# TYPE im_http_rpc_servers gauge
im_http_rpc_servers 0
`
	if err := testutil.GatherAndCompare(registry, strings.NewReader(want), "im_http_rpc_servers"); err != nil {
		t.Error(err)
	}
}
