package rpctest

import (
	"context"
	"errors"
	"sync/atomic"

	"github.com/cloudwego/kitex/pkg/discovery"

	"example.com/im/idl"
)

// Registry stands in for etcd.
type Registry struct {
	discovery.SynthesizedResolver
	addresses  atomic.Pointer[[]string] // nil: it does not answer
	Unanswered atomic.Int32             // look-ups without an answer
}

// NewRegistry returns a registry of the rpc-servers at these addresses.
func NewRegistry(addresses ...string) *Registry {
	r := SilentRegistry()
	r.Set(addresses...)
	return r
}

// SilentRegistry returns a registry that does not answer, like etcd's client while etcd
// is away.
func SilentRegistry() *Registry {
	r := new(Registry)
	r.ResolveFunc = func(ctx context.Context, _ string) (discovery.Result, error) {
		if known := r.addresses.Load(); known != nil {
			return Found(*known...)
		}
		r.Unanswered.Add(1)
		<-ctx.Done()
		return discovery.Result{}, ctx.Err()
	}
	return r
}

// Set makes r answer with these addresses.
func (r *Registry) Set(addresses ...string) { r.addresses.Store(&addresses) }

// Found is what a registry of these addresses answers.
func Found(addresses ...string) (discovery.Result, error) {
	result := discovery.Result{Cacheable: true, CacheKey: idl.ServiceName}
	for _, a := range addresses {
		result.Instances = append(result.Instances, discovery.NewInstance("tcp", a, 10, nil))
	}
	if len(addresses) == 0 {
		return result, errors.New("no instance remains for im")
	}
	return result, nil
}

// Silence makes r answer no more.
func (r *Registry) Silence() { r.addresses.Store(nil) }
