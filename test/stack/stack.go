// Package stack runs the whole system in one process: an embedded etcd, an
// rpc-server and a gateway that find each other as in production. It is the
// trial, make run, and the fixture of tests.
package stack

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"go.etcd.io/etcd/server/v3/embed"
	"golang.org/x/sync/errgroup"
	"gorm.io/gorm"

	"example.com/im/http-server/gateway"
	"example.com/im/idl/daemon"
	"example.com/im/idl/etcd"
	"example.com/im/rpc-server/im"
	"example.com/im/rpc-server/store"
)

// Config is what a Stack is made of.
type Config struct {
	HTTPAddr  string         // where the gateway listens, host:port; port 0 picks one
	Dialector gorm.Dialector // the database
	// Etcd says where etcd is. If it has no endpoints, the stack embeds an etcd of
	// its own, with its files in EtcdDir, which it empties.
	Etcd    etcd.Settings
	EtcdDir string
	Log     *slog.Logger
}

// Stack is a system whose addresses are bound. Make one with [Listen].
type Stack struct {
	etcd    *embed.Etcd // nil if it is not ours
	store   *store.Store
	rpc     *im.Server
	gateway *gateway.Server
}

// Listen opens everything; [Stack.Run] serves it, and closes it.
func Listen(ctx context.Context, cfg Config) (*Stack, error) {
	s := &Stack{}
	if err := s.open(ctx, cfg); err != nil {
		return nil, errors.Join(err, s.close())
	}
	return s, nil
}

func (s *Stack) open(ctx context.Context, cfg Config) error {
	var err error
	rpcAddr, registry := ":0", cfg.Etcd // the gateways of others may be elsewhere
	if len(registry.Endpoints) == 0 {
		if s.etcd, err = startEtcd(cfg.EtcdDir); err != nil {
			return fmt.Errorf("embedded etcd: %w", err)
		}
		rpcAddr, registry = "127.0.0.1:0", etcd.Settings{Endpoints: []string{s.etcd.Clients[0].Addr().String()}}
	}
	if s.store, err = store.Open(ctx, cfg.Dialector, store.Config{Settings: daemon.Default[store.Settings](), Log: cfg.Log}); err != nil {
		return err
	}
	back := daemon.Default[im.Settings]()
	back.Addr, back.Etcd = rpcAddr, registry
	back.DrainDelay = 0 // the one gateway that would have to notice stops first
	if s.rpc, err = im.Listen(im.Config{
		Settings: back, Store: s.store, Now: time.Now, Log: cfg.Log, Registerer: prometheus.NewRegistry(),
	}); err != nil {
		return fmt.Errorf("rpc-server: %w", err)
	}
	front := daemon.Default[gateway.Settings]()
	front.Addr, front.RPC.Etcd = cfg.HTTPAddr, registry
	front.DrainDelay = 0 // there is no load balancer that would have to notice
	if s.gateway, err = gateway.Listen(gateway.Config{
		Settings: front, Log: cfg.Log, Registerer: prometheus.NewRegistry(),
	}); err != nil {
		return fmt.Errorf("http-server: %w", err)
	}
	return nil
}

// Addr returns the address of the gateway.
func (s *Stack) Addr() net.Addr { return s.gateway.Addr() }

// RPCAddr returns the address of the rpc-server.
func (s *Stack) RPCAddr() net.Addr { return s.rpc.Addr() }

// AwaitReady returns nil as soon as the gateway can serve, which takes a second
// or two after the start of Run, or else the cause of ctx's end.
func (s *Stack) AwaitReady(ctx context.Context) error {
	poll := time.NewTicker(20 * time.Millisecond)
	defer poll.Stop()
	for s.gateway.Ready(ctx) != nil {
		select {
		case <-poll.C:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
	return nil
}

// Run serves until ctx is done, then stops from the outside in: the gateway
// drains while the service still answers it.
func (s *Stack) Run(ctx context.Context) error {
	rpcCtx, stopRPC := context.WithCancel(context.WithoutCancel(ctx))
	defer stopRPC()
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error { return s.rpc.Run(rpcCtx) })
	g.Go(func() error {
		defer stopRPC()
		return s.gateway.Run(ctx)
	})
	return errors.Join(g.Wait(), s.close())
}

// close closes what the servers have used.
func (s *Stack) close() error {
	var err error
	if s.store != nil {
		err = s.store.Close()
	}
	if s.etcd != nil {
		s.etcd.Server.HardStop() // Close would wait seconds for the streams of the gateway's client
	}
	return err
}
