// Command http-server is the gateway of the message service.
package main

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"syscall"

	"github.com/alecthomas/kong"
	"github.com/bytedance/gopkg/util/gctuner"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"example.com/im/http-server/gateway"
	"example.com/im/idl/telemetry"
)

// cli is the command line.
type cli struct {
	config
	Serve  serveCmd  `cmd:"" default:"1" help:"Serve the API (the default)."`
	Health healthCmd `cmd:"" help:"Ask the gateway at HTTP_ADDR for its health, for container checks."`
}

// heapTarget is up to where the heap grows before the garbage collector runs, in
// bytes: a small heap may grow to several times its size, which saves most runs, and
// a large one to half as much again, not to twice. The large parts of it are buffers,
// in which the collector has nothing to look for.
const heapTarget = 64 << 20

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal kills
	gctuner.Tuning(heapTarget)
	if err := run(ctx, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "http-server:", err)
		os.Exit(1)
	}
}

// run parses the command line and runs its command.
func run(ctx context.Context, args []string) error {
	var c cli
	parser, err := kong.New(&c, kong.Name("http-server"),
		kong.Description("The gateway of the message service: JSON over HTTP for clients, Thrift to the rpc-servers."))
	if err != nil {
		return err
	}
	command, err := parser.Parse(args)
	if err != nil {
		return err
	}
	command.BindTo(ctx, (*context.Context)(nil))
	return command.Run(&c.config)
}

// serveCmd serves the API.
type serveCmd struct{}

// Run serves until ctx is done and the requests in flight are finished.
func (*serveCmd) Run(ctx context.Context, c *config) error {
	logger := slog.New(slog.NewJSONHandler(os.Stderr, &slog.HandlerOptions{Level: c.LogLevel}))
	setLibraryLogs(logger.Handler())
	registry := prometheus.NewRegistry()
	registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))

	if c.TracesEndpoint != "" {
		stop, err := telemetry.Start(ctx, "http-server", c.TracesEndpoint, logger)
		if err != nil {
			return err
		}
		defer stop()
	}
	g, err := gateway.Listen(c.gateway(logger, registry))
	if err != nil {
		return err
	}
	if c.DebugAddr != "" {
		d, err := listenDebug(c.DebugAddr, registry, g.Ready)
		if err != nil {
			return fmt.Errorf("debug listener: %w", err)
		}
		defer d.Close()
	}
	logger.Info("serving", "addr", g.Addr().String())
	defer logger.Info("stopped")
	return g.Run(ctx)
}
