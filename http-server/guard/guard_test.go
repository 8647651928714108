package guard

import (
	"bytes"
	"context"
	"log/slog"
	"net"
	"net/netip"
	"strings"
	"testing"

	"github.com/cloudwego/hertz/pkg/app"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	"golang.org/x/time/rate"

	"example.com/im/http-server/answer"
	"example.com/im/http-server/fault"
	"example.com/im/idl/daemon"
)

// newGuard returns a guard with the default settings, which change may change.
func newGuard(t *testing.T, change func(*Config)) *Guard {
	t.Helper()
	log := slog.New(slog.DiscardHandler)
	cfg := Config{
		Settings: daemon.Default[Settings](), Files: 3,
		Answer: &answer.Writer{Log: log, Lines: rate.NewLimiter(rate.Inf, 1)}, Log: log, Registerer: prometheus.NewRegistry(),
	}
	change(&cfg)
	g, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	g.ListensAt(&net.TCPAddr{IP: net.IPv4(192, 0, 2, 1)})
	return g
}

// pass has a request from a client go through middlewares, and returns what it is answered;
// 200 if it comes to the handler.
func pass(t *testing.T, chain []app.HandlerFunc, headers ...string) (status int, body string) {
	t.Helper()
	c := app.NewContext(0)
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		c.Request.Header.Set(name, value)
	}
	c.SetHandlers(append(chain, func(_ context.Context, c *app.RequestContext) { c.SetBodyString("handled") }))
	c.Next(t.Context())
	return c.Response.StatusCode(), string(c.Response.Body())
}

// By default there is no rate limit, and the guard keeps nothing of clients.
func TestNoRateLimit(t *testing.T) {
	t.Parallel()
	g := newGuard(t, func(*Config) {})
	if g.rate != nil || g.fileRate != nil || len(g.OfFiles()) != 0 || len(g.OfCalls()) != 1 {
		t.Errorf("there is a rate limit: %d middlewares of files, %d of calls", len(g.OfFiles()), len(g.OfCalls()))
	}
}

// A client may load all files at once. After those, and after its calls of a second, it is
// refused.
func TestRates(t *testing.T) {
	t.Parallel()
	registry := prometheus.NewRegistry()
	g := newGuard(t, func(c *Config) { c.RateLimit.PerSecond, c.Files, c.Registerer = 1, 1000, registry })
	for i := range 1000 {
		if status, body := pass(t, g.OfFiles()); status != 200 {
			t.Fatalf("file %d: %d %s", i, status, body)
		}
	}
	refused := 0
	for range 100 { // far faster than one a second
		if status, body := pass(t, g.OfCalls()); status == 503 && strings.Contains(body, "more than 1 calls a second from your address") {
			refused++
		}
	}
	if refused == 0 {
		t.Error("no call is refused")
	}
	want := float64(refused)
	if got := testutil.ToFloat64(g.Shed(ShedRate)); got != want {
		t.Errorf("shed: %v; want %v", got, want)
	}
}

// Routes that may be called by any host are, and others are not.
func TestByAnyHost(t *testing.T) {
	t.Parallel()
	g := newGuard(t, func(c *Config) { c.Hosts.Allowed, c.ByAnyHost = []string{"im.example"}, []string{"/ping"} })
	for name, tc := range map[string]struct {
		host, route string
		status      int
	}{
		"its name":  {"im.example", "/api/pull", 200},
		"another":   {"evil.example", "/api/pull", 421},
		"by any":    {"evil.example", "/ping", 200},
		"by any, /": {"evil.example", "/ping/", 200},
		"none":      {"evil.example", "", 421},
	} {
		atRoute := func(_ context.Context, c *app.RequestContext) { c.SetFullPath(tc.route) }
		if status, body := pass(t, append([]app.HandlerFunc{atRoute}, g.OfAll()...), "Host: "+tc.host); status != tc.status {
			t.Errorf("%s: %d %s; want %d", name, status, body, tc.status)
		}
	}
}

// A long answer counts for its client, and for all. What is refused is counted, and named in
// the log once a second.
func TestAnswersHaveABudget(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	g := newGuard(t, func(c *Config) {
		c.Shares.AnswerBytes, c.Shares.AllOfAnswers = 10, 15
		c.Peers.Proxies = []netip.Prefix{netip.MustParsePrefix("0.0.0.0/32")} // where a request without a connection is from
		c.Log = slog.New(slog.NewJSONHandler(&log, nil))
	})
	from := func(client string) *app.RequestContext {
		c := app.NewContext(0)
		c.Request.Header.Set(ForwardedHeader, client)
		return c
	}
	for i, tc := range []struct {
		client string
		bytes  int
		want   string
	}{
		{"192.0.2.1", 10, ""},
		{"192.0.2.1", 1, "your address"},
		{"192.0.2.1", 1, "your address"},
		{"192.0.2.2", 6, "too many long answers"},
		{"192.0.2.2", 5, ""},
	} {
		err := g.TakeAnswer(t.Context(), from(tc.client), tc.bytes)
		if tc.want == "" && err != nil || tc.want != "" && (err == nil || !strings.Contains(fault.Of(err).Message, tc.want)) {
			t.Errorf("%d: %v; want %q", i, err, tc.want)
		}
	}
	each, all := testutil.ToFloat64(g.Shed(ShedClientAnswers)), testutil.ToFloat64(g.Shed(ShedAnswers))
	if each != 2 || all != 1 {
		t.Errorf("shed: %v of a client, %v of all; want 2, 1", each, all)
	}
	if got := log.String(); strings.Count(got, "holds its share") != 1 || !strings.Contains(got, "192.0.2.1/32") {
		t.Errorf("log = %s; want one line that names the client", got)
	}
}

// A guard says so if its metrics are there already.
func TestMetricsAreRegisteredOnce(t *testing.T) {
	t.Parallel()
	g := newGuard(t, func(*Config) {})
	if _, err := New(g.cfg); err == nil || !strings.Contains(err.Error(), "metrics: ") {
		t.Errorf("a second guard with the same registry: %v", err)
	}
}
