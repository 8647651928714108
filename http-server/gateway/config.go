package gateway

import (
	"log/slog"
	"net/netip"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"example.com/im/http-server/rpc"
	"example.com/im/idl/etcd"
)

// Config says how a gateway is to run. Start from [DefaultConfig].
type Config struct {
	Addr           string         // host:port to serve on; port 0 takes a free one
	Etcd           etcd.Settings  // of the etcd that knows the rpc-servers
	RPCTimeout     time.Duration  // for the whole of one API call
	ConnectTimeout time.Duration  // for a connection to an rpc-server
	ReadTimeout    time.Duration  // for a client to send one request
	IdleTimeout    time.Duration  // until an unused client connection is closed
	DrainDelay     time.Duration  // from the stop until connections are refused
	ExitWait       time.Duration  // for the requests in flight to finish after that
	MaxConnections int            // of clients; more are closed
	MaxRequests    int            // API calls in flight, without those that wait; more are answered 503
	MaxWaiting     int            // pulls that wait for a message; more are answered 503
	RateLimit      int            // API calls a second of a client address, more are answered 503; 0: no limit
	TrustedProxies []netip.Prefix // whose X-Forwarded-For tells the client's address
	RPCConns       int            // idle connections kept to each rpc-server
	CORSOrigins    []string       // origins whose pages may call; "*" is any
	Traces         bool           // spans go to OpenTelemetry's provider
	Logger         *slog.Logger
	Registerer     prometheus.Registerer
}

// DefaultConfig returns what a gateway runs with when nothing is set.
func DefaultConfig() Config {
	return Config{
		Addr:           ":8080",
		Etcd:           etcd.Default(),
		RPCTimeout:     5 * time.Second,
		ConnectTimeout: 500 * time.Millisecond,
		ReadTimeout:    30 * time.Second,
		IdleTimeout:    2 * time.Minute,
		DrainDelay:     3 * time.Second,
		ExitWait:       10 * time.Second,
		MaxConnections: 20_000,
		MaxRequests:    10_000,
		MaxWaiting:     20_000,
		RPCConns:       256,
		CORSOrigins:    []string{"*"},
		Logger:         slog.Default(),
		Registerer:     prometheus.NewRegistry(),
	}
}

// rpc returns how rpc-servers are to be called.
func (cfg *Config) rpc() rpc.Config {
	return rpc.Config{
		Etcd:           cfg.Etcd,
		Timeout:        cfg.RPCTimeout,
		ConnectTimeout: cfg.ConnectTimeout,
		Conns:          cfg.RPCConns,
		Traces:         cfg.Traces,
		Logger:         cfg.Logger,
		Registerer:     cfg.Registerer,
	}
}
