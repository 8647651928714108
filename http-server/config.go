package main

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"net/url"
	"slices"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"example.com/im/http-server/gateway"
	"example.com/im/idl/etcd"
	"example.com/im/idl/telemetry"
)

// config is every setting: as a flag, as an environment variable, its default
// and its meaning. The defaults are those of [gateway.DefaultConfig].
type config struct {
	HTTPAddr       string         `env:"HTTP_ADDR" default:":8080" help:"Address to serve the API on."`
	Etcd           etcd.Settings  `embed:""`
	DebugAddr      string         `env:"DEBUG_ADDR" help:"Address to serve /metrics, /healthz, /readyz and /debug/pprof on. Empty: off."`
	TracesEndpoint string         `name:"otel-exporter-otlp-endpoint" env:"OTEL_EXPORTER_OTLP_ENDPOINT" help:"URL of an OpenTelemetry collector that takes traces by gRPC, such as http://localhost:4317. Empty: no traces."`
	LogLevel       slog.Level     `env:"LOG_LEVEL" default:"info" help:"Least level that is logged: debug (with a line for each request), info, warn or error."`
	RPCTimeout     time.Duration  `env:"RPC_TIMEOUT" default:"5s" help:"Longest time for one API call at the rpc-servers, all attempts together."`
	ConnectTimeout time.Duration  `env:"CONNECT_TIMEOUT" default:"500ms" help:"Longest time to connect to an rpc-server."`
	ReadTimeout    time.Duration  `env:"READ_TIMEOUT" default:"30s" help:"Longest time for a client to send a request, or to take an answer."`
	IdleTimeout    time.Duration  `env:"IDLE_TIMEOUT" default:"2m" help:"Time after which a client connection without a request is closed."`
	DrainDelay     time.Duration  `env:"DRAIN_DELAY" default:"3s" help:"At a stop: time from when /readyz fails until connections are refused."`
	ExitWait       time.Duration  `env:"EXIT_WAIT" default:"10s" help:"At a stop: longest time, after that, for requests in flight to finish."`
	RPCConns       int            `env:"RPC_CONNS" default:"256" help:"Most idle connections that are kept to each rpc-server."`
	MaxConnections int            `env:"MAX_CONNECTIONS" default:"20000" help:"Most client connections; more are closed."`
	MaxRequests    int            `env:"MAX_REQUESTS" default:"10000" help:"Most API calls in flight; more are answered 503."`
	MaxWaiting     int            `env:"MAX_WAITING" default:"20000" help:"Most pulls that wait for a message (wait_ms); more are answered 503. They are none of MAX_REQUESTS while they wait."`
	RateLimit      int            `env:"RATE_LIMIT" default:"0" help:"Most API calls a second of one client address (IPv4) or /64 network (IPv6), at this http-server; more are answered 503. 0: no limit. Behind a load balancer all calls have its address, unless TRUSTED_PROXIES names it."`
	TrustedProxies []netip.Prefix `env:"TRUSTED_PROXIES" help:"Networks of the load balancers and proxies before this http-server, such as 10.0.0.0/8. From them, X-Forwarded-For tells RATE_LIMIT the client's address."`
	CORSOrigins    []string       `env:"CORS_ORIGINS" default:"*" help:"Origins whose web pages may call the API; * is any."`
}

// Validate implements kong's hook: it finds the first setting that is missing
// or contradicts another.
func (c *config) Validate() error {
	if c.DebugAddr != "" && c.DebugAddr == c.HTTPAddr {
		return errors.New("DEBUG_ADDR must differ from HTTP_ADDR")
	}
	if _, _, err := net.SplitHostPort(c.HTTPAddr); err != nil {
		return fmt.Errorf("HTTP_ADDR must be host:port or :port: %w", err)
	}
	if err := c.Etcd.Check(); err != nil {
		return err
	}
	if c.RPCConns < 1 || c.MaxRequests < 1 || c.MaxConnections < 1 || c.MaxWaiting < 1 {
		return errors.New("RPC_CONNS, MAX_REQUESTS, MAX_CONNECTIONS and MAX_WAITING must be at least 1")
	}
	if c.RateLimit < 0 {
		return errors.New("RATE_LIMIT must not be negative")
	}
	if slices.ContainsFunc(c.TrustedProxies, func(p netip.Prefix) bool { return p.Bits() == 0 }) {
		return errors.New("TRUSTED_PROXIES must not be everybody: clients could choose their address")
	}
	if err := telemetry.Check(c.TracesEndpoint); err != nil {
		return fmt.Errorf("OTEL_EXPORTER_OTLP_ENDPOINT %w", err)
	}
	if err := c.validateTimes(); err != nil {
		return err
	}
	return c.validateOrigins()
}

// validateTimes checks the durations.
func (c *config) validateTimes() error {
	for name, d := range map[string]time.Duration{
		"RPC_TIMEOUT": c.RPCTimeout, "CONNECT_TIMEOUT": c.ConnectTimeout, "READ_TIMEOUT": c.ReadTimeout,
		"IDLE_TIMEOUT": c.IdleTimeout, "EXIT_WAIT": c.ExitWait,
	} {
		if d < time.Millisecond {
			return fmt.Errorf("%s must be at least 1ms", name)
		}
	}
	switch {
	case c.DrainDelay < 0:
		return errors.New("DRAIN_DELAY must not be negative")
	case c.ConnectTimeout > c.RPCTimeout:
		return errors.New("CONNECT_TIMEOUT must not be longer than RPC_TIMEOUT")
	case c.ExitWait < c.RPCTimeout:
		return errors.New("EXIT_WAIT must not be shorter than RPC_TIMEOUT: a stop would cut calls off")
	}
	return nil
}

// validateOrigins checks that browsers can send the origins.
func (c *config) validateOrigins() error {
	for _, origin := range c.CORSOrigins {
		if origin == "*" {
			continue
		}
		if u, err := url.Parse(origin); err != nil || u.Host == "" || u.Scheme+"://"+u.Host != origin {
			return fmt.Errorf("CORS_ORIGINS: %q must be * or scheme://host or scheme://host:port", origin)
		}
	}
	return nil
}

// gateway returns the settings of the gateway.
func (c *config) gateway(logger *slog.Logger, registerer prometheus.Registerer) gateway.Config {
	return gateway.Config{
		Addr:           c.HTTPAddr,
		Etcd:           c.Etcd,
		RPCTimeout:     c.RPCTimeout,
		ConnectTimeout: c.ConnectTimeout,
		ReadTimeout:    c.ReadTimeout,
		IdleTimeout:    c.IdleTimeout,
		DrainDelay:     c.DrainDelay,
		ExitWait:       c.ExitWait,
		MaxConnections: c.MaxConnections,
		MaxRequests:    c.MaxRequests,
		MaxWaiting:     c.MaxWaiting,
		RateLimit:      c.RateLimit,
		TrustedProxies: c.TrustedProxies,
		RPCConns:       c.RPCConns,
		CORSOrigins:    c.CORSOrigins,
		Traces:         c.TracesEndpoint != "",
		Logger:         logger,
		Registerer:     registerer,
	}
}
