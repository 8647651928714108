package rpc

import (
	"context"
	"errors"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/cloudwego/kitex/pkg/discovery"
	"github.com/cloudwego/kitex/pkg/rpcinfo"
	registryetcd "github.com/kitex-contrib/registry-etcd"

	"example.com/im/idl"
	"example.com/im/idl/etcd"
)

const (
	// lookupInterval is how often the directory asks etcd.
	lookupInterval = time.Second
	// lookupTimeout bounds one look-up: etcd's client waits for ever for an etcd
	// that is away.
	lookupTimeout = 2 * time.Second
)

// newEtcdResolver returns a resolver that asks etcd. It does not wait for a
// connection, so etcd may come up later than the gateway.
func newEtcdResolver(settings etcd.Settings) (discovery.Resolver, error) {
	client, err := settings.Client()
	if err != nil {
		return nil, err
	}
	return registryetcd.NewEtcdResolver(client.Endpoints, func(c *registryetcd.Config) { *c.EtcdConfig = client })
}

// directory is a [discovery.Resolver] that knows the instances from another resolver,
// and answers from memory. So calls never wait for etcd. While etcd is away, they go on
// with the instances known. (Kitex v0.16.3 would drop those after half a minute without
// a call, and asks etcd without a time limit.)
type directory struct {
	discovery.Resolver
	settings etcd.Settings
	log      *slog.Logger
	found    func(ctx context.Context, addresses []string) // called after each look-up that succeeds, with run's context; may be nil
	known    atomic.Pointer[discovery.Result]
	outage   etcd.Outage // used by run only
}

func newDirectory(r discovery.Resolver, settings etcd.Settings, log *slog.Logger) *directory {
	return &directory{Resolver: r, settings: settings, log: log}
}

// Resolve returns the instances known, and an error if none has been found yet.
func (d *directory) Resolve(context.Context, string) (discovery.Result, error) {
	if known := d.known.Load(); known != nil {
		return *known, nil
	}
	return discovery.Result{}, errors.New("no rpc-server has been found yet")
}

// size returns the number of instances known.
func (d *directory) size() int {
	if known := d.known.Load(); known != nil {
		return len(known.Instances)
	}
	return 0
}

// run keeps the directory up to date until ctx is done.
func (d *directory) run(ctx context.Context) {
	target := d.Target(ctx, rpcinfo.NewEndpointInfo(idl.ServiceName, "", nil, nil))
	tick := time.NewTicker(lookupInterval)
	defer tick.Stop()
	for {
		d.lookUp(ctx, target)
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// lookUp asks for the instances. It keeps those known if there is no answer, or an
// empty one: an etcd that has lost its data must not stop the traffic. Calls of an
// instance that is really gone fail by themselves.
func (d *directory) lookUp(run context.Context, target string) {
	ctx, cancel := context.WithTimeout(run, lookupTimeout)
	defer cancel()
	result, err := d.Resolver.Resolve(ctx, target)
	switch {
	case err == nil:
		d.known.Store(&result)
		d.tell(run, result.Instances)
		if d.outage.Ended() {
			d.log.Info("rpc-servers found", "instances", len(result.Instances))
		}
	case !errors.Is(err, context.Canceled):
		d.warn(err)
	}
}

// warn logs that a look-up has failed, once for each reason.
func (d *directory) warn(err error) {
	news, told := d.outage.Failed(d.settings, err)
	switch {
	case !news:
	case d.known.Load() != nil:
		d.log.Warn("no rpc-server found, going on with those known", "err", told)
	case d.outage.Blames():
		d.log.Warn("waiting for an rpc-server", "err", told)
	default: // as at every start of a system
		d.log.Info("waiting for an rpc-server", "err", told)
	}
}

// tell passes on which instances there are.
func (d *directory) tell(ctx context.Context, instances []discovery.Instance) {
	if d.found == nil {
		return
	}
	addresses := make([]string, len(instances))
	for i, instance := range instances {
		addresses[i] = instance.Address().String()
	}
	d.found(ctx, addresses)
}
