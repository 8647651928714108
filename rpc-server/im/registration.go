package im

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"time"

	"example.com/im/idl/etcd"
)

// retryDelay is the time between two tries to join a registry.
const retryDelay = time.Second

// Registry is where gateways find instances.
type Registry interface {
	// Join makes an instance's address, host:port, known. It gives up after a few
	// seconds. The registry closes lost when the address is no longer known; a nil lost
	// says that this does not happen. The caller calls leave once, whether lost is closed
	// or not. It takes the address away before it returns, which it does within about a
	// second.
	Join(ctx context.Context, addr string) (lost <-chan struct{}, leave func(), err error)
}

// registration keeps the instance's address in a registry while the instance may serve,
// through every outage of the registry.
type registration struct {
	registry Registry
	close    func()        // releases the registry
	settings etcd.Settings // for the reasons of outages
	outage   etcd.Outage   // used by run only
	addr     string
	health   *health
	log      *slog.Logger
}

// newRegistration prepares to register the bound address, or the configured one. It
// does not wait for the registry.
func newRegistration(cfg Config, bound net.Addr, health *health) (*registration, error) {
	addr, err := advertised(cfg.Advertise, bound)
	if err != nil {
		return nil, err
	}
	r := &registration{
		registry: cfg.Registry,
		close:    func() {},
		settings: cfg.Etcd,
		addr:     addr,
		health:   health,
		log:      cfg.Log.With("addr", addr),
	}
	if r.registry == nil {
		registry, err := newEtcdRegistry(cfg.Etcd, r.log)
		if err != nil {
			return nil, err
		}
		r.registry, r.close = registry, registry.close
	}
	return r, nil
}

// run keeps the address registered until ctx is done, and then leaves the registry.
func (r *registration) run(ctx context.Context) {
	defer r.close()
	go r.warnUnresolved(ctx)
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

// warnUnresolved warns of an address that has no meaning here. It is registered all the
// same, because the gateways may have another name server.
func (r *registration) warnUnresolved(ctx context.Context) {
	if err := unresolved(ctx, r.addr); err != nil && ctx.Err() == nil {
		r.log.Warn("gateways may not reach this instance: its name has no address here", "err", err)
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
// registry has lost it, the instance may not serve, or ctx is done.
func (r *registration) hold(ctx context.Context) error {
	lost, leave, err := r.registry.Join(ctx, r.addr)
	if err != nil {
		return err
	}
	defer leave()
	r.outage.Ended()
	r.log.Info("registered")
	tick := time.NewTicker(checkInterval)
	defer tick.Stop()
	for r.mayServe() {
		select {
		case <-lost:
			return errors.New("the registry has lost the address")
		case <-tick.C:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return errors.New("the instance may not serve")
}
