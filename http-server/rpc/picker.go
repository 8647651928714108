package rpc

import (
	"context"
	"slices"

	"github.com/cloudwego/kitex/pkg/discovery"
)

// picker picks among the instances known at one moment.
type picker struct {
	*balancer
	instances []discovery.Instance
}

// target returns a function that tells the address to which an attempt along a route
// will go, if that can be reached. The function returns "" if the resolver knows no
// usable instance.
func (b *balancer) target(resolver discovery.Resolver) func(*route) string {
	return func(r *route) string {
		found, err := resolver.Resolve(context.Background(), "")
		if err != nil {
			return ""
		}
		p := &picker{b, found.Instances}
		r.mu.Lock()
		defer r.mu.Unlock()
		instance, _ := p.best(r, func(address string, s *state) bool {
			return p.usable(s) && !slices.Contains(r.avoid, address)
		})
		if instance == nil {
			return ""
		}
		return instance.Address().String()
	}
}

// Next implements [loadbalance.Picker]. It returns nil when the attempt has
// tried every instance.
func (p *picker) Next(ctx context.Context, _ any) discovery.Instance {
	r, ok := ctx.Value(routeKey{}).(*route)
	if !ok {
		r = new(route)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	instance := p.pick(r)
	if instance != nil {
		r.tried = append(r.tried, instance.Address().String())
	}
	return instance
}

// pick returns the first instance of the lane's order that has not failed and
// is not to be avoided; if there is none, the first that has not been tried.
func (p *picker) pick(r *route) discovery.Instance {
	for r.only == "" {
		instance, s := p.best(r, func(address string, s *state) bool {
			return p.usable(s) && !slices.Contains(r.avoid, address)
		})
		if instance == nil {
			break
		}
		if p.claim(s) {
			return instance
		}
	}
	instance, _ := p.best(r, func(string, *state) bool { return true })
	return instance
}

// best returns the instance that comes first in the lane's order among those
// that have not been tried and that are eligible.
func (p *picker) best(r *route, eligible func(string, *state) bool) (instance discovery.Instance, s *state) {
	var highest uint64
	for _, candidate := range p.instances {
		address := candidate.Address().String()
		weight := rendezvous(r.lane, address)
		if instance != nil && weight <= highest || slices.Contains(r.tried, address) || r.only != "" && r.only != address {
			continue
		}
		if cs := p.state(address); eligible(address, cs) {
			instance, s, highest = candidate, cs, weight
		}
	}
	return instance, s
}

// rendezvous returns the weight of an instance for a lane. Each lane orders the
// instances by weight in its own way, the same in every gateway. So when an instance
// leaves, only its lanes move. The weight is FNV-1a with the final mix of MurmurHash3,
// without which similar addresses have similar weights.
func rendezvous(lane int, address string) uint64 {
	const offset, prime = 14695981039346656037, 1099511628211
	hash := (uint64(offset) ^ uint64(lane)) * prime
	for i := range len(address) {
		hash = (hash ^ uint64(address[i])) * prime
	}
	hash = (hash ^ hash>>33) * 0xff51afd7ed558ccd
	hash = (hash ^ hash>>33) * 0xc4ceb9fe1a85ec53
	return hash ^ hash>>33
}
