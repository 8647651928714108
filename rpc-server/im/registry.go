package im

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
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
)

// etcdRegistry is the [Registry] of production.
//
// It stands in for the registry of registry-etcd v0.3.0. That one can register again
// after it has left, keeps memory for each check, and takes up to 30 s
// to notice that the lease is lost.
type etcdRegistry struct {
	client *clientv3.Client
	log    *slog.Logger
}

// newEtcdRegistry does not wait for etcd.
func newEtcdRegistry(settings etcd.Settings, log *slog.Logger) (*etcdRegistry, error) {
	config, err := settings.Client()
	if err != nil {
		return nil, err
	}
	client, err := clientv3.New(config)
	if err != nil {
		return nil, fmt.Errorf("etcd: %w", err)
	}
	return &etcdRegistry{client: client, log: log}, nil
}

func (r *etcdRegistry) close() { _ = r.client.Close() }

// Join puts the address under a lease of its own, and keeps the lease.
func (r *etcdRegistry) Join(ctx context.Context, addr string) (lost <-chan struct{}, leave func(), err error) {
	lease, err := r.register(ctx, addr)
	if err != nil {
		return nil, nil, err
	}
	ctx, cancel := context.WithCancel(ctx)
	leave = func() {
		cancel()
		r.leave(lease)
	}
	alive, err := r.client.KeepAlive(ctx, lease)
	if err != nil {
		leave()
		return nil, nil, fmt.Errorf("keep lease: %w", err)
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for range alive { // an answer that nobody takes would be a warning
		}
	}()
	return ended, leave, nil
}

// register puts the address under a new lease.
func (r *etcdRegistry) register(ctx context.Context, addr string) (clientv3.LeaseID, error) {
	value, err := json.Marshal(map[string]any{"network": "tcp", "address": addr, "weight": 10})
	if err != nil {
		return 0, err
	}
	ctx, cancel := context.WithTimeout(ctx, etcdTimeout)
	defer cancel()
	lease, err := r.client.Grant(ctx, leaseTTL)
	if err != nil {
		return 0, fmt.Errorf("grant lease: %w", err)
	}
	key := registryPrefix + idl.ServiceName + "/" + addr
	if _, err := r.client.Put(ctx, key, string(value), clientv3.WithLease(lease.ID)); err != nil {
		_ = r.revoke(lease.ID)
		return 0, fmt.Errorf("put address: %w", err)
	}
	return lease.ID, nil
}

// leave revokes the lease, and with it the address. If etcd cannot be reached,
// the lease runs out by itself.
func (r *etcdRegistry) leave(lease clientv3.LeaseID) {
	if err := r.revoke(lease); err != nil {
		r.log.Debug("lease not revoked", "err", err)
		return
	}
	r.log.Info("left etcd")
}

func (r *etcdRegistry) revoke(lease clientv3.LeaseID) error {
	ctx, cancel := context.WithTimeout(context.Background(), leaveTimeout)
	defer cancel()
	_, err := r.client.Revoke(ctx, lease)
	return err
}
