package stack

import (
	"context"
	"errors"
	"sync/atomic"

	"github.com/cloudwego/kitex/pkg/discovery"

	"example.com/im/http-server/rpc"
	"example.com/im/idl"
	"example.com/im/rpc-server/im"
)

// registry is where the gateway of a process finds the rpc-server of the same process.
// There it stands in for etcd, which would need space on the disk, and would end the
// process when there is none left.
type registry struct {
	discovery.SynthesizedResolver
	addr atomic.Pointer[string] // nil: the rpc-server has not joined, or has left
}

var (
	_ im.Registry  = (*registry)(nil)
	_ rpc.Resolver = (*registry)(nil)
)

func newRegistry() *registry {
	r := new(registry)
	r.ResolveFunc = r.resolve
	return r
}

// Join makes the address of the one rpc-server known until leave is called.
func (r *registry) Join(_ context.Context, addr string) (lost <-chan struct{}, leave func(), err error) {
	r.addr.Store(&addr)
	return nil, func() { r.addr.Store(nil) }, nil
}

// resolve returns the rpc-server.
func (r *registry) resolve(context.Context, string) (discovery.Result, error) {
	addr := r.addr.Load()
	if addr == nil {
		return discovery.Result{}, errors.New("the rpc-server is not registered")
	}
	return discovery.Result{
		Cacheable: true,
		CacheKey:  idl.ServiceName,
		Instances: []discovery.Instance{discovery.NewInstance("tcp", *addr, discovery.DefaultWeight, nil)},
	}, nil
}
