// Package daemon is what both services are beside their work: a process that reads
// its settings, runs the command that it is given, writes logs, exports traces and
// serves those who operate it.
//
// A setting is a field with kong's tags, in the struct Settings of the package that
// uses it: the tags give its flag, its environment variable, its default and its
// help, and the struct's Validate checks it. A program embeds these structs in its
// command line, which [Main] reads. The debug listener is an address of its own for
// operators: metrics, health and profiles. It is not for clients.
package daemon

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"os"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"example.com/im/idl/telemetry"
)

// Settings are those of a service's process.
type Settings struct {
	DebugAddr      string     `env:"DEBUG_ADDR" help:"Address to serve /metrics, /healthz, /readyz and /debug/pprof on, host:port. Empty: off."`
	TracesEndpoint string     `name:"otel-exporter-otlp-endpoint" env:"OTEL_EXPORTER_OTLP_ENDPOINT" help:"URL of an OpenTelemetry collector that takes traces by gRPC, such as http://localhost:4317. Empty: no traces."`
	LogLevel       slog.Level `env:"LOG_LEVEL" default:"info" help:"Least level to log: debug (http-server: with a line for each request), info, warn or error."`
}

// Validate implements kong's hook.
func (s Settings) Validate() error {
	if s.DebugAddr != "" {
		if _, _, err := net.SplitHostPort(s.DebugAddr); err != nil {
			return fmt.Errorf("DEBUG_ADDR must be host:port or :port: %w", err)
		}
	}
	if err := telemetry.Check(s.TracesEndpoint); err != nil {
		return fmt.Errorf("OTEL_EXPORTER_OTLP_ENDPOINT %w", err)
	}
	return nil
}

// Traces reports whether traces are exported.
func (s Settings) Traces() bool { return s.TracesEndpoint != "" }

// Daemon is what a service's process offers to its parts.
type Daemon struct {
	Log     *slog.Logger         // JSON lines on stderr
	Metrics *prometheus.Registry // with those of Go and of the process

	debug      *debug
	stopTraces func()
}

// Start begins the logs, the debug listener and the export of traces of the service
// with this name. The service is not ready before [Daemon.SetReady]. An error names
// the setting that cannot work.
func Start(ctx context.Context, name string, settings Settings) (*Daemon, error) {
	d := &Daemon{
		Log:        slog.New(slog.NewJSONHandler(os.Stderr, &slog.HandlerOptions{Level: settings.LogLevel})),
		Metrics:    prometheus.NewRegistry(),
		stopTraces: func() {},
	}
	slog.SetDefault(d.Log) // for libraries
	d.Metrics.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	d.debug = newDebug(d.Metrics)
	if settings.DebugAddr != "" {
		if err := d.debug.listen(settings.DebugAddr); err != nil {
			return nil, fmt.Errorf("DEBUG_ADDR: %w", err)
		}
	}
	if settings.Traces() {
		stop, err := telemetry.Start(ctx, name, settings.TracesEndpoint, d.Log)
		if err != nil {
			d.Stop()
			return nil, err
		}
		d.stopTraces = stop
	}
	return d, nil
}

// SetReady sets what the debug listener's /readyz asks: ready returns nil, or why the
// service cannot serve.
func (d *Daemon) SetReady(ready func(context.Context) error) { d.debug.ready.Store(&ready) }

// Stop sends the last traces and closes the debug listener.
func (d *Daemon) Stop() {
	d.stopTraces()
	d.debug.close()
}
