package main

import (
	"context"
	"log/slog"
	"time"

	"github.com/cloudwego/kitex/pkg/klog"
	"github.com/cloudwego/netpoll"

	"example.com/im/idl/daemon"
	"example.com/im/rpc-server/im"
	"example.com/im/rpc-server/store"
)

// serveCmd serves the gateways.
type serveCmd struct{}

// Run serves until ctx is done and the calls in flight are finished.
func (*serveCmd) Run(ctx context.Context, c *config) error {
	if _, err := c.IM.Etcd.Client(); err != nil { // it reads files: not only after the database was waited for
		return err
	}
	d, err := daemon.Start(ctx, name, c.Daemon)
	if err != nil {
		return err
	}
	defer d.Stop()
	setLibraryLogs(d.Log)
	st, err := openStore(ctx, c, d.Log)
	if err != nil || st == nil {
		return err
	}
	defer func() { _ = st.Close() }()
	server, err := im.Listen(im.Config{
		Settings: c.IM, Store: st, Traces: c.Daemon.Traces(), Now: time.Now, Log: d.Log, Registerer: d.Metrics,
	})
	if err != nil {
		return err
	}
	d.SetReady(server.Ready)
	d.Log.Info("serving", "addr", server.Addr().String())
	defer d.Log.Info("stopped")
	return server.Run(ctx)
}

// setLibraryLogs sends the logs of Kitex and netpoll to log. They have a line for each
// connection that breaks the protocol or breaks off, and Kitex at info for each connection.
func setLibraryLogs(log *slog.Logger) {
	lines := daemon.LibraryLog(log, slog.LevelWarn)
	klog.SetOutput(lines)
	klog.SetLevel(klog.LevelWarn)
	netpoll.SetLoggerOutput(lines)
}

// openRetryDelay is the time between two tries to reach the database.
const openRetryDelay = time.Second

// openStore opens the store, and waits for its database if that is not there yet. It
// returns nil, nil if ctx is done first.
func openStore(ctx context.Context, c *config, log *slog.Logger) (*store.Store, error) {
	for {
		dialector, err := c.MySQL.Dialector(c.Daemon.Traces()) // for one try: a failed Open closes what is in it
		if err != nil {
			return nil, err
		}
		st, err := store.Open(ctx, dialector, store.Config{Settings: c.Store, Log: log})
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
