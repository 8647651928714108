package daemon_test

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"

	"example.com/im/idl/daemon"
)

// program is the command line of a service that tells its test what it was given.
type program struct {
	Service daemon.Settings `embed:""`
	Word    string          `env:"IM_TEST_WORD" default:"none"`

	Serve serveCmd `cmd:"" default:"1"`
	Fail  failCmd  `cmd:""`
	ran   bool
}

type serveCmd struct{}

func (*serveCmd) Run(ctx context.Context, p *program) error {
	p.ran = true
	return ctx.Err()
}

type failCmd struct{}

func (*failCmd) Run() error { return errors.New("cannot work") }

func TestRun(t *testing.T) {
	t.Setenv("IM_TEST_WORD", "of the environment")
	p := &program{}
	if err := daemon.Run(t.Context(), "test", "", p, []string{"--log-level=warn"}); err != nil {
		t.Fatal(err)
	}
	if !p.ran || p.Service.LogLevel != slog.LevelWarn || p.Word != "of the environment" {
		t.Errorf("the command was given %+v", p)
	}
	if word := daemon.Default[program]().Word; word != "none" {
		t.Errorf("by default the word is %q; want none, whatever the environment says", word)
	}
	for args, want := range map[string]string{
		"fail":            "cannot work",
		"--debug-addr=80": "DEBUG_ADDR must be host:port",
		"--log-level=x":   "--log-level",
		"--otel-exporter-otlp-endpoint=localhost:4317": "OTEL_EXPORTER_OTLP_ENDPOINT must be http://",
		"--nonsense": "--nonsense",
	} {
		if err := daemon.Run(t.Context(), "test", "", &program{}, []string{args}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v; want %q", args, err, want)
		}
	}
}

func TestDebugListener(t *testing.T) {
	addr := freeAddr(t)
	s, err := daemon.Start(t.Context(), "test", daemon.Settings{DebugAddr: addr})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Stop()
	s.Metrics.MustRegister(prometheus.NewGauge(prometheus.GaugeOpts{Name: "a_gauge"}))
	for path, want := range map[string]string{
		"/healthz": "200 ok", "/readyz": "503 the service is starting", "/metrics": "a_gauge 0", "/debug/pprof/": "goroutine",
		"/debug/pprof/cmdline": "404", // it may hold passwords
	} {
		wantAnswer(t, addr, path, want)
	}
	s.SetReady(func(context.Context) error { return errors.New("no rpc-server") })
	wantAnswer(t, addr, "/readyz", "503 no rpc-server")
	s.SetReady(func(context.Context) error { return nil })
	wantAnswer(t, addr, "/readyz", "200 ready")
	if _, err := daemon.Start(t.Context(), "test", daemon.Settings{DebugAddr: addr}); err == nil || !strings.HasPrefix(err.Error(), "DEBUG_ADDR: ") {
		t.Errorf("an address in use: %v", err)
	}
	s.Stop()
	if resp, err := http.Get("http://" + addr + "/healthz"); err == nil {
		_ = resp.Body.Close()
		t.Error("the debug listener is there after the stop")
	}
}

// freeAddr returns an address on which nobody listens.
func freeAddr(t *testing.T) string {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = ln.Close() }()
	return ln.Addr().String()
}

// wantAnswer checks that a path's answer, status and body, has a part.
func wantAnswer(t *testing.T, addr, path, part string) {
	t.Helper()
	resp, err := http.Get("http://" + addr + path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(resp.Body)
	if got := resp.Status[:4] + string(body); err != nil || !strings.Contains(got, part) {
		t.Errorf("%s: %.200s, %v; want %s", path, got, err, part)
	}
}
