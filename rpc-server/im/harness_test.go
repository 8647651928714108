package im_test

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/cloudwego/kitex/client"
	"github.com/cloudwego/kitex/pkg/klog"
	"github.com/cloudwego/kitex/pkg/transmeta"
	"github.com/cloudwego/kitex/transport"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"example.com/im/idl"
	"example.com/im/idl/daemon"
	"example.com/im/idl/gen/im"
	"example.com/im/idl/gen/im/imservice"
	service "example.com/im/rpc-server/im"
	"example.com/im/rpc-server/store/storetest"
)

func TestMain(m *testing.M) {
	klog.SetLevel(klog.LevelFatal)
	os.Exit(storetest.Main(m))
}

// buffer is a log that is read while it is written.
type buffer struct {
	mu   sync.Mutex
	text strings.Builder
}

// Write appends p.
func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

// String returns what was written.
func (b *buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}

// config returns the settings of a service on a fresh SQLite file, without etcd.
func config(t testing.TB) service.Config {
	t.Helper()
	settings := daemon.Default[service.Settings]()
	settings.Addr, settings.DrainDelay = "127.0.0.1:0", 0
	settings.Etcd.Endpoints = []string{"127.0.0.1:1"}
	return service.Config{
		Settings: settings, Store: storetest.Open(t, storetest.SQLite(t)),
		Now: time.Now, Log: slog.New(slog.DiscardHandler), Registerer: prometheus.NewRegistry(),
	}
}

// start runs a service for the length of the test and returns its address.
func start(t testing.TB, cfg service.Config) string {
	t.Helper()
	server, err := service.Listen(cfg)
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	stopped := make(chan error, 1)
	go func() { stopped <- server.Run(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-stopped; err != nil {
			t.Errorf("Run = %v", err)
		}
	})
	addr := server.Addr().String()
	c := dial(t, addr, byTLS(t, cfg)...)
	storetest.Await(t, func() bool {
		resp, err := c.Health(t.Context(), &im.HealthRequest{})
		return err == nil && !strings.Contains(resp.Msg, "starting")
	})
	return addr
}

// startToStop runs a service that the test itself stops. It returns the service and a
// client when the service is ready. stopped gives what Run returns.
func startToStop(t *testing.T, cfg service.Config) (server *service.Server, c imservice.Client, stop func(), stopped <-chan error) {
	t.Helper()
	server, err := service.Listen(cfg)
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	ran := make(chan error, 1)
	go func() { ran <- server.Run(ctx) }()
	c = dial(t, server.Addr().String(), byTLS(t, cfg)...)
	awaitReady(t, c)
	return server, c, stop, ran
}

// dial returns a client like the gateway's.
func dial(t testing.TB, addr string, options ...client.Option) imservice.Client {
	t.Helper()
	c, err := imservice.NewClient(idl.ServiceName, append([]client.Option{
		client.WithHostPorts(addr),
		client.WithRPCTimeout(10 * time.Second),
		client.WithTransportProtocol(transport.TTHeader),
		client.WithMetaHandler(transmeta.ClientTTHeaderHandler),
	}, options...)...)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func send(t *testing.T, c imservice.Client, m *im.Message) *im.SendResponse {
	t.Helper()
	resp, err := c.Send(t.Context(), &im.SendRequest{Message: m})
	if err != nil {
		t.Errorf("Send: %v", err)
		return &im.SendResponse{Code: -1}
	}
	return resp
}

func pull(t *testing.T, c imservice.Client, req *im.PullRequest) *im.PullResponse {
	t.Helper()
	resp, err := c.Pull(t.Context(), req)
	if err != nil {
		t.Fatalf("Pull: %v", err)
	}
	return resp
}

func health(t testing.TB, c imservice.Client) *im.HealthResponse {
	t.Helper()
	resp, err := c.Health(t.Context(), &im.HealthRequest{})
	if err != nil {
		t.Fatalf("Health: %v", err)
	}
	return resp
}

// awaitReady polls until the service can serve.
func awaitReady(t *testing.T, c imservice.Client) {
	t.Helper()
	storetest.Await(t, func() bool {
		resp, err := c.Health(t.Context(), &im.HealthRequest{})
		return err == nil && resp.Code == im.Code_OK
	})
}

// scrape returns the metrics of a service.
func scrape(t testing.TB, cfg service.Config) string {
	t.Helper()
	registry, ok := cfg.Registerer.(*prometheus.Registry)
	if !ok {
		t.Fatal("not a registry")
	}
	w := httptest.NewRecorder()
	promhttp.HandlerFor(registry, promhttp.HandlerOpts{}).ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/", nil))
	body, err := io.ReadAll(w.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}
