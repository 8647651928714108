package daemon

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/pprof"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// headerTimeout is how long an operator's client may take to send a request's header.
const headerTimeout = 10 * time.Second

// debug is the debug listener.
type debug struct {
	server *http.Server
	ready  atomic.Pointer[func(context.Context) error]
}

// newDebug returns a listener that does not listen yet.
func newDebug(metrics prometheus.Gatherer) *debug {
	d := &debug{}
	starting := func(context.Context) error { return errors.New("the service is starting") }
	d.ready.Store(&starting)
	d.server = &http.Server{Handler: d.routes(metrics), ReadHeaderTimeout: headerTimeout}
	return d
}

// listen serves on addr until close.
func (d *debug) listen(addr string) error {
	listener, err := net.Listen("tcp", addr)
	if err != nil {
		return err
	}
	go func() { _ = d.server.Serve(listener) }()
	return nil
}

// close ends listen, if it has begun.
func (d *debug) close() { _ = d.server.Close() }

// routes returns what is served.
func (d *debug) routes(metrics prometheus.Gatherer) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", promhttp.HandlerFor(metrics, promhttp.HandlerOpts{}))
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprintln(w, "ok")
	})
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, r *http.Request) {
		if err := (*d.ready.Load())(r.Context()); err != nil {
			http.Error(w, err.Error(), http.StatusServiceUnavailable)
			return
		}
		fmt.Fprintln(w, "ready")
	})
	// Not pprof.Cmdline: the command line may hold passwords.
	mux.HandleFunc("/debug/pprof/", pprof.Index)
	mux.HandleFunc("/debug/pprof/profile", pprof.Profile)
	mux.HandleFunc("/debug/pprof/symbol", pprof.Symbol)
	mux.HandleFunc("/debug/pprof/trace", pprof.Trace)
	return mux
}
