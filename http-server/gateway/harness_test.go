package gateway

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/cloudwego/kitex/pkg/discovery"
	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"

	"example.com/im/http-server/fault"
	"example.com/im/http-server/hosts"
	"example.com/im/http-server/request"
	"example.com/im/http-server/rpc/rpctest"
	"example.com/im/idl/daemon"
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
	cfg := configOn("127.0.0.1:0")
	cfg.Resolver = r
	for _, f := range change {
		f(&cfg)
	}
	s, err := Listen(cfg)
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	g := &testGateway{s, cfg.Scheme() + "://" + s.Addr().String(), newHTTPClient(t), stop, make(chan error, 1)}
	g.client.Transport.(*http.Transport).TLSClientConfig = trusting(t, cfg.TLSCert)
	go func() { g.done <- s.Run(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-g.done; err != nil {
			t.Errorf("Run: %v", err)
		}
	})
	return g
}

// configOn returns the settings of a gateway on addr that stops without a delay.
func configOn(addr string) Config {
	settings := daemon.Default[Settings]()
	settings.Addr, settings.DrainDelay = addr, 0
	settings.Guard.Hosts.Allowed = []string{hosts.Any} // requests that are written by hand name any
	return Config{Settings: settings, Log: slog.New(slog.DiscardHandler), Registerer: prometheus.NewRegistry()}
}

// ended waits for the end of a gateway that was stopped.
func (g *testGateway) ended() error {
	err := <-g.done
	g.done <- err
	return err
}

// newHTTPClient returns a client that shares no connections: the port of a test that has
// ended may be another's now.
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
	g := startGateway(t, rpctest.NewRegistry(addresses...), change)
	rpctest.Eventually(t, "the rpc-servers are known", func() bool { return g.metric(t, "im_http_rpc_servers") > 0 })
	return g
}

// reply is what a client gets.
type reply struct {
	status int
	header http.Header
	body   string
	closes bool // the gateway hangs up after it
}

// do sends a request, and checks its answer against the contract. A header is written
// "Name: value".
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
	end := `","request_id":"` + r.header.Get(request.IDHeader) + `"}}`
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

// metric returns the value that the gateway exports under a name, with labels that are
// given as names and values.
func (g *testGateway) metric(t testing.TB, name string, labels ...string) float64 {
	t.Helper()
	families, err := g.cfg.Registerer.(*prometheus.Registry).Gather()
	if err != nil {
		t.Fatal(err)
	}
	value := 0.0
	for _, family := range families {
		if family.GetName() != name {
			continue
		}
		for _, m := range family.GetMetric() {
			if hasLabels(m, labels) {
				value += m.GetGauge().GetValue() + m.GetCounter().GetValue()
			}
		}
	}
	return value
}

// hasLabels reports whether a metric has all of some labels.
func hasLabels(m *dto.Metric, labels []string) bool {
	for pair := range slices.Chunk(labels, 2) {
		if !slices.ContainsFunc(m.GetLabel(), func(l *dto.LabelPair) bool { return l.GetName() == pair[0] && l.GetValue() == pair[1] }) {
			return false
		}
	}
	return true
}

// wantShed checks how often load was shed for a reason.
func (g *testGateway) wantShed(t *testing.T, reason string, want float64) {
	t.Helper()
	if got := g.metric(t, "im_http_shed_total", "reason", reason); got != want {
		t.Errorf("shed by %s: %v; want %v", reason, got, want)
	}
}
