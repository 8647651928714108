package main

import (
	"context"
	"log/slog"

	"github.com/cloudwego/hertz/pkg/common/hlog"
	"github.com/cloudwego/kitex/pkg/klog"
	"github.com/cloudwego/netpoll"

	"example.com/im/http-server/gateway"
	"example.com/im/idl/daemon"
)

// serveCmd serves the API.
type serveCmd struct{}

// Run serves until ctx is done and the requests in flight are finished.
func (*serveCmd) Run(ctx context.Context, c *config) error {
	d, err := daemon.Start(ctx, name, c.Daemon)
	if err != nil {
		return err
	}
	defer d.Stop()
	setLibraryLogs(d.Log)
	g, err := gateway.Listen(gateway.Config{
		Settings: c.Gateway, Traces: c.Daemon.Traces(), Log: d.Log, Registerer: d.Metrics,
	})
	if err != nil {
		return err
	}
	d.SetReady(g.Ready)
	d.Log.Info("serving", "addr", g.Addr().String())
	defer d.Log.Info("stopped")
	return g.Run(ctx)
}

// setLibraryLogs sends the logs of Hertz, Kitex and netpoll to log. Hertz logs each
// malformed request. Kitex's warnings are left out: they are a line for each
// connection that fails, and the gateway has one of its own for each instance.
func setLibraryLogs(log *slog.Logger) {
	warnings, errs := daemon.LibraryLog(log, slog.LevelWarn), daemon.LibraryLog(log, slog.LevelError)
	hlog.SetOutput(warnings)
	hlog.SetLevel(hlog.LevelWarn)
	klog.SetOutput(errs)
	klog.SetLevel(klog.LevelError)
	netpoll.SetLoggerOutput(warnings)
}
