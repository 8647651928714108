package im

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"example.com/im/idl/etcd"
	"example.com/im/idl/rpctls"
	"example.com/im/rpc-server/sequencer"
	"example.com/im/rpc-server/store"
	"example.com/im/rpc-server/tail"
)

// Settings are those of a Server, for kong.
type Settings struct {
	Addr           string        `name:"rpc-addr" env:"RPC_ADDR" default:":8888" help:"Address to listen on, host:port."`
	Advertise      string        `name:"advertise-addr" env:"ADVERTISE_ADDR" help:"Address to register in etcd, host:port. By default RPC_ADDR, with this host's first IPv4 address where RPC_ADDR names no host."`
	MaxConnections int           `env:"MAX_CONNECTIONS" default:"50000" help:"Most connections of gateways and other clients; more are closed."`
	RequestTimeout time.Duration `env:"REQUEST_TIMEOUT" default:"5s" help:"Longest time for a call whose client names no deadline."`
	DrainDelay     time.Duration `env:"DRAIN_DELAY" default:"3s" help:"At a stop: time to serve on after leaving etcd, until every gateway has noticed."`
	ExitWait       time.Duration `env:"EXIT_WAIT" default:"10s" help:"At a stop: longest time, after that, for calls in flight to finish."`

	TLS       rpctls.Settings    `embed:""`
	Etcd      etcd.Settings      `embed:""`
	Sequencer sequencer.Settings `embed:""`
	Tail      tail.Settings      `embed:""`
}

// Validate implements kong's hook.
func (s Settings) Validate() error {
	for name, addr := range map[string]string{"RPC_ADDR": s.Addr, "ADVERTISE_ADDR": s.Advertise} {
		if _, _, err := net.SplitHostPort(addr); addr != "" && err != nil {
			return fmt.Errorf("%s must be host:port: %w", name, err)
		}
	}
	host, _, _ := net.SplitHostPort(s.Advertise)
	switch {
	case s.Addr == "":
		return errors.New("RPC_ADDR must be host:port or :port")
	case s.Advertise != "" && strings.TrimSpace(host) == "":
		return errors.New("ADVERTISE_ADDR must name a host that gateways can reach")
	case s.MaxConnections < 1:
		return errors.New("MAX_CONNECTIONS must be at least 1")
	case s.RequestTimeout <= 0 || s.ExitWait <= 0:
		return errors.New("REQUEST_TIMEOUT and EXIT_WAIT must be longer than 0")
	case s.DrainDelay < 0:
		return errors.New("DRAIN_DELAY must not be negative")
	}
	return s.Etcd.Check()
}

// Config is what a Server needs.
type Config struct {
	Settings
	Store      *store.Store     // not closed by the Server
	Registry   Registry         // instead of etcd; nil: etcd
	Traces     bool             // spans go to OpenTelemetry's provider
	Now        func() time.Time // this instance's clock
	Log        *slog.Logger
	Registerer prometheus.Registerer
}
