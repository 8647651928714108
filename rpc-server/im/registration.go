package im

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net"
	"time"

	clientv3 "go.etcd.io/etcd/client/v3"
	"go.uber.org/zap"
	"google.golang.org/grpc"
	"google.golang.org/grpc/backoff"

	"example.com/im/idl"
)

const (
	// registryPrefix and the form of the value are registry-etcd's, whose
	// resolver the gateway uses.
	registryPrefix = "kitex/registry-etcd/"

	// leaseTTL is for how many seconds etcd keeps the address of an instance
	// that has died.
	leaseTTL = 5

	etcdTimeout  = 3 * time.Second
	leaveTimeout = time.Second
	retryDelay   = time.Second
)

// reconnect is how etcd's client tries to connect again. By default it comes to
// wait for up to two minutes, and so would the registration after a long outage.
var reconnect = grpc.ConnectParams{
	Backoff:           backoff.Config{BaseDelay: 100 * time.Millisecond, Multiplier: 1.6, Jitter: 0.2, MaxDelay: retryDelay},
	MinConnectTimeout: etcdTimeout,
}

// registration keeps the instance's address in etcd while the instance may
// serve, through every outage of etcd.
//
// It stands in for registry-etcd's own registry, of v0.3.0: that one can
// register again after it has left, keeps memory for each time it looks, and
// takes up to 30 s to notice a lost lease.
type registration struct {
	client *clientv3.Client
	key    string
	value  string
	health *health
	log    *slog.Logger
}

// newRegistration prepares to register the address bound, or the configured one.
// It does not wait for etcd.
func newRegistration(cfg Config, bound net.Addr, health *health) (*registration, error) {
	addr, err := advertised(cfg.Advertise, bound)
	if err != nil {
		return nil, err
	}
	value, err := json.Marshal(map[string]any{"network": "tcp", "address": addr, "weight": 10})
	if err != nil {
		return nil, err
	}
	client, err := clientv3.New(clientv3.Config{
		Endpoints:            cfg.EtcdEndpoints,
		DialTimeout:          etcdTimeout,
		DialKeepAliveTime:    etcdTimeout, // notices an etcd that has frozen
		DialKeepAliveTimeout: etcdTimeout,
		DialOptions:          []grpc.DialOption{grpc.WithConnectParams(reconnect)},
		Logger:               zap.NewNop(), // what matters is logged here
	})
	if err != nil {
		return nil, fmt.Errorf("etcd: %w", err)
	}
	return &registration{
		client: client,
		key:    registryPrefix + idl.ServiceName + "/" + addr,
		value:  string(value),
		health: health,
		log:    cfg.Log.With("addr", addr),
	}, nil
}

// advertised returns the address under which other hosts reach bound.
func advertised(configured string, bound net.Addr) (string, error) {
	if configured != "" {
		_, _, err := net.SplitHostPort(configured)
		return configured, err
	}
	host, port, err := net.SplitHostPort(bound.String())
	if err != nil {
		return "", err
	}
	if ip := net.ParseIP(host); ip != nil && ip.IsUnspecified() {
		host = outwardIP()
	}
	return net.JoinHostPort(host, port), nil
}

// outwardIP returns this host's first IPv4 address that is not loopback, or the
// loopback address where there is none.
func outwardIP() string {
	addrs, _ := net.InterfaceAddrs()
	for _, addr := range addrs {
		if ip, ok := addr.(*net.IPNet); ok && ip.IP.IsGlobalUnicast() && ip.IP.To4() != nil {
			return ip.IP.String()
		}
	}
	return "127.0.0.1"
}

// run keeps the address registered until ctx is done, and leaves etcd then.
func (r *registration) run(ctx context.Context) {
	defer func() { _ = r.client.Close() }()
	for ctx.Err() == nil {
		if r.mayServe() {
			if err := r.hold(ctx); err != nil && ctx.Err() == nil {
				r.log.Warn("not registered", "err", err)
			}
		}
		select {
		case <-time.After(retryDelay):
		case <-ctx.Done():
		}
	}
}

// mayServe reports whether gateways should find this instance. A database out
// of reach is no reason to leave: the other instances have the same one.
func (r *registration) mayServe() bool { return r.health.refusesSends() == nil }

// hold registers the address and returns when it is no longer registered: the
// lease was lost, the instance may not serve, or ctx is done.
func (r *registration) hold(ctx context.Context) error {
	lease, err := r.register(ctx)
	if err != nil {
		return err
	}
	defer r.leave(lease)
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	alive, err := r.client.KeepAlive(ctx, lease)
	if err != nil {
		return fmt.Errorf("keep lease: %w", err)
	}
	r.log.Info("registered")
	look := time.NewTicker(checkInterval)
	defer look.Stop()
	for r.mayServe() {
		select {
		case _, ok := <-alive:
			if !ok {
				return fmt.Errorf("lease lost")
			}
		case <-look.C:
		}
	}
	return fmt.Errorf("the instance may not serve")
}

// register puts the address under a new lease.
func (r *registration) register(ctx context.Context) (clientv3.LeaseID, error) {
	ctx, cancel := context.WithTimeout(ctx, etcdTimeout)
	defer cancel()
	lease, err := r.client.Grant(ctx, leaseTTL)
	if err != nil {
		return 0, fmt.Errorf("grant lease: %w", err)
	}
	if _, err := r.client.Put(ctx, r.key, r.value, clientv3.WithLease(lease.ID)); err != nil {
		r.leave(lease.ID)
		return 0, fmt.Errorf("put address: %w", err)
	}
	return lease.ID, nil
}

// leave revokes the lease, and with it the address. If etcd cannot be reached,
// the lease runs out by itself.
func (r *registration) leave(lease clientv3.LeaseID) {
	ctx, cancel := context.WithTimeout(context.Background(), leaveTimeout)
	defer cancel()
	if _, err := r.client.Revoke(ctx, lease); err != nil {
		r.log.Debug("lease not revoked", "err", err)
		return
	}
	r.log.Info("left etcd")
}
