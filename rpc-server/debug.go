package main

import (
	"errors"
	"net"
	"net/http"
	"net/http/pprof"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// debug is the listener for those who run the service, not for its clients:
// metrics, health and profiles.
type debug struct {
	registry *prometheus.Registry
	ready    atomic.Pointer[func() error]
	server   *http.Server
}

// newDebug returns a debug that is not ready and does not listen yet.
func newDebug() *debug {
	d := &debug{registry: prometheus.NewRegistry()}
	d.setReady(func() error { return errors.New("the service is starting") })
	return d
}

// setReady sets what /readyz asks.
func (d *debug) setReady(ready func() error) { d.ready.Store(&ready) }

// listen serves on addr until close.
func (d *debug) listen(addr string) error {
	listener, err := net.Listen("tcp", addr)
	if err != nil {
		return err
	}
	mux := http.NewServeMux()
	mux.Handle("/metrics", promhttp.HandlerFor(d.registry, promhttp.HandlerOpts{}))
	mux.HandleFunc("/healthz", func(w http.ResponseWriter, _ *http.Request) { answer(w, nil) })
	mux.HandleFunc("/readyz", func(w http.ResponseWriter, _ *http.Request) { answer(w, (*d.ready.Load())()) })
	// Not pprof.Cmdline: the command line may hold the database's password.
	mux.HandleFunc("/debug/pprof/", pprof.Index)
	mux.HandleFunc("/debug/pprof/profile", pprof.Profile)
	mux.HandleFunc("/debug/pprof/symbol", pprof.Symbol)
	mux.HandleFunc("/debug/pprof/trace", pprof.Trace)
	d.server = &http.Server{Handler: mux, ReadHeaderTimeout: 5 * time.Second}
	go func() { _ = d.server.Serve(listener) }()
	return nil
}

// answer writes 200, or 503 with the reason.
func answer(w http.ResponseWriter, err error) {
	if err != nil {
		http.Error(w, err.Error(), http.StatusServiceUnavailable)
		return
	}
	_, _ = w.Write([]byte("ok\n"))
}

// close stops listening.
func (d *debug) close() { _ = d.server.Close() }
