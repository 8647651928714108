package im

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net"
	"time"

	clientv3 "go.etcd.io/etcd/client/v3"

	"example.com/im/idl"
	"example.com/im/idl/etcd"
)

const (
	// registryPrefix and the form of the value are those of registry-etcd. The gateway
	// uses its resolver.
	registryPrefix = "kitex/registry-etcd/"

	// leaseTTL is for how many seconds etcd keeps the address of an instance
	// that has died.
	leaseTTL = 5

	etcdTimeout  = 3 * time.Second
	leaveTimeout = time.Second
	retryDelay   = time.Second
)

// registration keeps the instance's address in etcd while the instance may serve,
// through every outage of etcd.
//
// It stands in for the registry of registry-etcd v0.3.0. That one can register again
// after it has left, keeps memory for each check, and takes up to 30 s
// to notice that the lease is lost.
type registration struct {
	settings etcd.Settings
	client   *clientv3.Client
	outage   etcd.Outage // used by run only
	key      string
	value    string
	health   *health
	log      *slog.Logger
}

// newRegistration prepares to register the bound address, or the configured one. It
// does not wait for etcd.
func newRegistration(cfg Config, bound net.Addr, health *health) (*registration, error) {
	addr, err := advertised(cfg.Advertise, bound)
	if err != nil {
		return nil, err
	}
	value, err := json.Marshal(map[string]any{"network": "tcp", "address": addr, "weight": 10})
	if err != nil {
		return nil, err
	}
	config, err := cfg.Etcd.Client()
	if err != nil {
		return nil, err
	}
	client, err := clientv3.New(config)
	if err != nil {
		return nil, fmt.Errorf("etcd: %w", err)
	}
	return &registration{
		settings: cfg.Etcd,
		client:   client,
		key:      registryPrefix + idl.ServiceName + "/" + addr,
		value:    string(value),
		health:   health,
		log:      cfg.Log.With("addr", addr),
	}, nil
}

// run keeps the address registered until ctx is done, and then leaves etcd.
func (r *registration) run(ctx context.Context) {
	defer func() { _ = r.client.Close() }()
	for ctx.Err() == nil {
		if r.mayServe() {
			if err := r.hold(ctx); err != nil && ctx.Err() == nil {
				r.tell(err)
			}
		}
		select {
		case <-time.After(retryDelay):
		case <-ctx.Done():
		}
	}
}

// tell logs why the address is not registered, once for each reason.
func (r *registration) tell(err error) {
	if news, told := r.outage.Failed(r.settings, err); news {
		r.log.Warn("not registered", "err", told)
	}
}

// mayServe reports whether gateways should find this instance. An unreachable database
// is no reason to leave: the other instances have the same one.
func (r *registration) mayServe() bool { return r.health.refusesSends() == nil }

// hold registers the address. It returns when the address is no longer registered: the
// lease is lost, the instance may not serve, or ctx is done.
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
	r.outage.Ended()
	r.log.Info("registered")
	tick := time.NewTicker(checkInterval)
	defer tick.Stop()
	for r.mayServe() {
		select {
		case _, ok := <-alive:
			if !ok {
				return fmt.Errorf("lease lost")
			}
		case <-tick.C:
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
		_ = r.revoke(lease.ID)
		return 0, fmt.Errorf("put address: %w", err)
	}
	return lease.ID, nil
}

// leave revokes the lease, and with it the address. If etcd cannot be reached,
// the lease runs out by itself.
func (r *registration) leave(lease clientv3.LeaseID) {
	if err := r.revoke(lease); err != nil {
		r.log.Debug("lease not revoked", "err", err)
		return
	}
	r.log.Info("left etcd")
}

func (r *registration) revoke(lease clientv3.LeaseID) error {
	ctx, cancel := context.WithTimeout(context.Background(), leaveTimeout)
	defer cancel()
	_, err := r.client.Revoke(ctx, lease)
	return err
}
