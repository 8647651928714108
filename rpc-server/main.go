// The rpc-server keeps the messages of the IM service: it orders and stores what
// is sent, and reads pages. Gateways find it through etcd.
package main

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/bytedance/gopkg/util/gctuner"
	"github.com/cloudwego/kitex/pkg/klog"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"example.com/im/idl/telemetry"
	"example.com/im/rpc-server/im"
	"example.com/im/rpc-server/store"
)

// heapTarget is up to where the heap grows before the garbage collector runs, in
// bytes: a small heap may grow to several times its size, which saves most runs, and
// a large one to half as much again, not to twice. The large parts of it are buffers
// and texts, in which the collector has nothing to look for.
const heapTarget = 64 << 20

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal kills
	gctuner.Tuning(heapTarget)
	if err := run(ctx, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "rpc-server:", err)
		os.Exit(1)
	}
}

// run runs the command that args name.
func run(ctx context.Context, args []string) error {
	klog.SetLevel(klog.LevelWarn) // Kitex tells of each connection at info
	c, command, err := parseConfig(args)
	if err != nil {
		return err
	}
	if command == "health" {
		klog.SetLevel(klog.LevelFatal) // the outcome is one line
		return im.CheckHealth(ctx, c.RPCAddr)
	}
	return serve(ctx, c)
}

// serve runs the service until ctx is done.
func serve(ctx context.Context, c *config) error {
	log := slog.New(slog.NewJSONHandler(os.Stderr, &slog.HandlerOptions{Level: c.LogLevel}))
	slog.SetDefault(log)
	klog.SetOutput(slog.NewLogLogger(log.Handler(), slog.LevelWarn).Writer())
	debug := newDebug()
	if c.DebugAddr != "" {
		if err := debug.listen(c.DebugAddr); err != nil {
			return fmt.Errorf("DEBUG_ADDR: %w", err)
		}
		defer debug.close()
	}

	if c.TracesEndpoint != "" {
		stop, err := telemetry.Start(ctx, "rpc-server", c.TracesEndpoint, log)
		if err != nil {
			return err
		}
		defer stop()
	}
	st, err := openStore(ctx, c, log)
	if err != nil || st == nil {
		return err
	}
	defer func() { _ = st.Close() }()
	server, err := im.Listen(c.server(st, log, debug.registry))
	if err != nil {
		return err
	}
	debug.setReady(server.Ready)
	log.Info("serving", "addr", server.Addr().String())
	return server.Run(ctx)
}

// server returns the service's part of the settings.
func (c *config) server(st *store.Store, log *slog.Logger, registry *prometheus.Registry) im.Config {
	registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return im.Config{
		Addr:           c.RPCAddr,
		Advertise:      c.AdvertiseAddr,
		Etcd:           c.Etcd,
		Store:          st,
		TailBytes:      c.TailBytes,
		Queue:          c.QueueSize,
		MaxConnections: c.MaxConnections,
		RequestTimeout: c.RequestTimeout,
		DrainDelay:     c.DrainDelay,
		ExitWait:       c.ExitWait,
		Traces:         c.TracesEndpoint != "",
		Now:            time.Now,
		Log:            log,
		Registerer:     registry,
	}
}

// openRetryDelay is the time between two tries to reach the database.
const openRetryDelay = time.Second

// openStore opens the store, and waits for its database if that is not there
// yet. It returns nil, nil if ctx is done first.
func openStore(ctx context.Context, c *config, log *slog.Logger) (*store.Store, error) {
	for {
		dialector, err := c.MySQL.Dialector(c.TracesEndpoint != "") // for one try: a failed Open closes what is in it
		if err != nil {
			return nil, err
		}
		st, err := store.Open(ctx, dialector, store.Options{Conns: c.DBConns, Log: log})
		switch {
		case err == nil:
			return st, nil
		case ctx.Err() != nil:
			return nil, nil
		case !store.Unavailable(err):
			return nil, err
		}
		log.Warn("waiting for the database", "err", err)
		select {
		case <-time.After(openRetryDelay):
		case <-ctx.Done():
			return nil, nil
		}
	}
}
