// Package stack runs the whole system in one process: an rpc-server and a gateway as
// in production, on one database. It is the trial, make run, and the fixture of tests.
// It needs no etcd: tests of how the services find each other by one start processes
// (package process).
package stack

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"golang.org/x/sync/errgroup"
	"gorm.io/gorm"

	"example.com/im/http-server/gateway"
	"example.com/im/http-server/hosts"
	"example.com/im/http-server/identity"
	"example.com/im/idl/daemon"
	"example.com/im/idl/etcd"
	"example.com/im/rpc-server/im"
	"example.com/im/rpc-server/store"
)

// Config is what a Stack is made of.
type Config struct {
	HTTPAddr  string         // where the gateway listens, host:port; port 0 picks one
	Dialector gorm.Dialector // the database
	// Etcd says where etcd is. If it has no endpoints, the gateway finds the one
	// rpc-server of this process without one, and nobody else finds it.
	Etcd  etcd.Settings
	Hosts hosts.Settings // by which the gateway may be called
	// Identity says whose tokens callers need. The zero value asks nobody.
	Identity identity.Settings
	// CallTime is the longest time for one API call; 0: RPC_TIMEOUT's default.
	CallTime time.Duration
	Log      *slog.Logger
}

// Stack is a system whose addresses are bound. Make one with [Listen].
type Stack struct {
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
	back := im.Config{
		Settings: daemon.Default[im.Settings](), Now: time.Now, Log: cfg.Log, Registerer: prometheus.NewRegistry(),
	}
	front := gateway.Config{
		Settings: daemon.Default[gateway.Settings](), Log: cfg.Log, Registerer: prometheus.NewRegistry(),
	}
	front.Addr, front.Guard.Hosts, front.Identity = cfg.HTTPAddr, cfg.Hosts, cfg.Identity
	if len(cfg.Etcd.Endpoints) > 0 {
		back.Addr = ":0" // the gateways of others may be elsewhere
		back.Etcd, front.RPC.Etcd = cfg.Etcd, cfg.Etcd
	} else {
		back.Addr = "127.0.0.1:0"
		r := newRegistry()
		back.Registry, front.Resolver = r, r
	}
	if cfg.CallTime > 0 {
		front.RPC.Timeout, front.ExitWait = cfg.CallTime, max(front.ExitWait, cfg.CallTime)
	}
	back.DrainDelay = 0  // the one gateway that would have to notice stops first
	front.DrainDelay = 0 // there is no load balancer that would have to notice
	var err error
	if s.store, err = store.Open(ctx, cfg.Dialector, store.Config{Settings: daemon.Default[store.Settings](), Log: cfg.Log}); err != nil {
		return err
	}
	back.Store = s.store
	if s.rpc, err = im.Listen(back); err != nil {
		return fmt.Errorf("rpc-server: %w", err)
	}
	if s.gateway, err = gateway.Listen(front); err != nil {
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
	if s.store == nil {
		return nil
	}
	return s.store.Close()
}
