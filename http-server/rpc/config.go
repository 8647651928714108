package rpc

import (
	"errors"
	"log/slog"
	"time"

	"github.com/cloudwego/kitex/client"
	"github.com/cloudwego/kitex/pkg/connpool"
	"github.com/cloudwego/kitex/pkg/discovery"
	"github.com/cloudwego/kitex/pkg/loadbalance/lbcache"
	"github.com/cloudwego/kitex/pkg/transmeta"
	"github.com/cloudwego/kitex/transport"
	"github.com/kitex-contrib/obs-opentelemetry/tracing"
	"github.com/prometheus/client_golang/prometheus"

	"example.com/im/idl/etcd"
	"example.com/im/idl/rpctls"
)

// Settings say how rpc-servers are found and called, for kong.
type Settings struct {
	Timeout        time.Duration `name:"rpc-timeout" env:"RPC_TIMEOUT" default:"5s" help:"Longest time for one API call at the rpc-servers, all attempts together."`
	ConnectTimeout time.Duration `name:"connect-timeout" env:"CONNECT_TIMEOUT" default:"500ms" help:"Longest time to connect to an rpc-server."`
	Conns          int           `name:"rpc-conns" env:"RPC_CONNS" default:"256" help:"Most idle connections that are kept to each rpc-server."`

	TLS  rpctls.Settings `embed:""`
	Etcd etcd.Settings   `embed:""`
}

// Validate implements kong's hook.
func (s Settings) Validate() error {
	switch {
	case s.Timeout < time.Millisecond || s.ConnectTimeout < time.Millisecond:
		return errors.New("RPC_TIMEOUT and CONNECT_TIMEOUT must be at least 1ms")
	case s.ConnectTimeout > s.Timeout:
		return errors.New("CONNECT_TIMEOUT must not be longer than RPC_TIMEOUT")
	case s.Conns < 1:
		return errors.New("RPC_CONNS must be at least 1")
	}
	return s.Etcd.Check()
}

// Resolver finds rpc-servers.
type Resolver = discovery.Resolver

// Config is what a client needs.
type Config struct {
	Settings
	Resolver   Resolver // instead of etcd's; nil: etcd's
	Traces     bool     // spans go to OpenTelemetry's provider
	Log        *slog.Logger
	Registerer prometheus.Registerer
}

// options returns Kitex's options.
func (cfg *Config) options(resolver discovery.Resolver, b *balancer) ([]client.Option, error) {
	options, err := cfg.TLS.ClientOptions(cfg.Log)
	if err != nil {
		return nil, err
	}
	options = append(options,
		client.WithResolver(resolver),
		// The resolver answers from memory, so it may be asked often. Options of
		// our own also keep the cache ours: Kitex shares its default one between
		// all clients of a process.
		client.WithLoadBalancer(b, &lbcache.Options{RefreshInterval: 250 * time.Millisecond}),
		client.WithInstanceMW(b.learn),
		// TTHeader carries the time left and the request's id.
		client.WithTransportProtocol(transport.TTHeader),
		client.WithMetaHandler(transmeta.ClientTTHeaderHandler),
		client.WithConnectTimeout(cfg.ConnectTimeout),
		client.WithLongConnection(connpool.IdleConfig{
			MaxIdlePerAddress: cfg.Conns,
			MaxIdleTimeout:    time.Minute,
		}),
	)
	if cfg.Traces {
		options = append(options, client.WithSuite(tracing.NewClientSuite()))
	}
	return options, nil
}
