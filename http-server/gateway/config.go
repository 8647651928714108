package gateway

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"example.com/im/http-server/guard"
	"example.com/im/http-server/identity"
	"example.com/im/http-server/rpc"
	"example.com/im/http-server/wait"
)

// Settings are those of a gateway, for kong.
type Settings struct {
	Addr        string        `name:"http-addr" env:"HTTP_ADDR" default:":8080" help:"Address to serve the API on, host:port."`
	TLSCert     string        `name:"tls-cert" env:"TLS_CERT" help:"PEM file with the certificate of the API, and those between it and its authority. The API is then served by TLS alone. It is read again when it changes."`
	TLSKey      string        `name:"tls-key" env:"TLS_KEY" help:"PEM file with the key of TLS_CERT."`
	ReadTimeout time.Duration `env:"READ_TIMEOUT" default:"30s" help:"Longest time for a client to send a request, or to take an answer."`
	IdleTimeout time.Duration `env:"IDLE_TIMEOUT" default:"2m" help:"Time after which a client connection without a request is closed."`
	DrainDelay  time.Duration `env:"DRAIN_DELAY" default:"3s" help:"At a stop: time from when /readyz fails until connections are refused."`
	ExitWait    time.Duration `env:"EXIT_WAIT" default:"10s" help:"At a stop: longest time, after that, for requests in flight to finish."`

	Guard    guard.Settings    `embed:""`
	Identity identity.Settings `embed:""`
	Wait     wait.Settings     `embed:""`
	RPC      rpc.Settings      `embed:""`
}

// Config is what a gateway needs.
type Config struct {
	Settings
	Resolver   rpc.Resolver // finds the rpc-servers instead of etcd; nil: etcd does
	Traces     bool         // spans go to OpenTelemetry's provider
	Log        *slog.Logger
	Registerer prometheus.Registerer
}

// Validate implements kong's hook. It checks what this package declares, and what
// contradicts a setting of another.
func (s Settings) Validate() error {
	if _, _, err := net.SplitHostPort(s.Addr); err != nil {
		return fmt.Errorf("HTTP_ADDR must be host:port or :port: %w", err)
	}
	switch {
	case (s.TLSCert == "") != (s.TLSKey == ""):
		return errors.New("TLS_CERT and TLS_KEY must be set together")
	case s.ReadTimeout < time.Millisecond || s.IdleTimeout < time.Millisecond || s.ExitWait < time.Millisecond:
		return errors.New("READ_TIMEOUT, IDLE_TIMEOUT and EXIT_WAIT must be at least 1ms")
	case s.DrainDelay < 0:
		return errors.New("DRAIN_DELAY must not be negative")
	case s.ExitWait < s.RPC.Timeout:
		return errors.New("EXIT_WAIT must not be shorter than RPC_TIMEOUT: a stop would cut calls off")
	}
	return nil
}
