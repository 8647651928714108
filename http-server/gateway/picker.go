package gateway

import (
	"context"
	"slices"
	"sync"

	"github.com/cloudwego/kitex/pkg/discovery"
	"go.opentelemetry.io/otel/trace"
)

// trail leads one attempt of a call to an instance, and remembers which it has
// tried: when a connection fails, Kitex asks for the next.
type trail struct {
	lane  int
	only  string            // the address of the one instance that will do; "": any
	avoid []string          // addresses that an earlier attempt has tried
	span  trace.SpanContext // of the caller

	mu    sync.Mutex // an attempt that has timed out may still be on its way
	tried []string
}

// trailKey is the context key of a *trail.
type trailKey struct{}

func withTrail(ctx context.Context, t *trail) context.Context {
	return context.WithValue(ctx, trailKey{}, t)
}

// alone returns a context with t and nothing of the caller but its span, for a call
// that several callers share.
func (t *trail) alone() context.Context {
	return withTrail(trace.ContextWithSpanContext(context.Background(), t.span), t)
}

// again returns the trail of a further attempt, on another instance if there
// is one.
func (t *trail) again() *trail {
	t.mu.Lock()
	defer t.mu.Unlock()
	return &trail{lane: t.lane, avoid: slices.Concat(t.avoid, t.tried), span: t.span}
}

// follow notes what was tried along another trail, on which this one's attempt
// went.
func (t *trail) follow(other *trail) {
	other.mu.Lock()
	tried := slices.Clone(other.tried)
	other.mu.Unlock()
	t.mu.Lock()
	defer t.mu.Unlock()
	t.tried = tried
}

// picker picks among the instances known at one moment.
type picker struct {
	*balancer
	instances []discovery.Instance
}

// target returns the function that tells to which of the resolver's instances an
// attempt along a trail goes, if it can be reached. It returns "" if none is known.
func (b *balancer) target(resolver discovery.Resolver) func(*trail) string {
	return func(t *trail) string {
		found, err := resolver.Resolve(context.Background(), "")
		if err != nil {
			return ""
		}
		p := &picker{b, found.Instances}
		t.mu.Lock()
		defer t.mu.Unlock()
		instance, _ := p.best(t, func(address string, s *state) bool {
			return p.usable(s) && !slices.Contains(t.avoid, address)
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
	t, ok := ctx.Value(trailKey{}).(*trail)
	if !ok {
		t = new(trail)
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	instance := p.pick(t)
	if instance != nil {
		t.tried = append(t.tried, instance.Address().String())
	}
	return instance
}

// pick returns the first instance of the lane's order that has not failed and
// is not to be avoided; if there is none, the first that has not been tried.
func (p *picker) pick(t *trail) discovery.Instance {
	for t.only == "" {
		instance, s := p.best(t, func(address string, s *state) bool {
			return p.usable(s) && !slices.Contains(t.avoid, address)
		})
		if instance == nil {
			break
		}
		if p.claim(s) {
			return instance
		}
	}
	instance, _ := p.best(t, func(string, *state) bool { return true })
	return instance
}

// best returns the instance that comes first in the lane's order among those
// that have not been tried and that are eligible.
func (p *picker) best(t *trail, eligible func(string, *state) bool) (instance discovery.Instance, s *state) {
	var highest uint64
	for _, candidate := range p.instances {
		address := candidate.Address().String()
		weight := rendezvous(t.lane, address)
		if instance != nil && weight <= highest || slices.Contains(t.tried, address) || t.only != "" && t.only != address {
			continue
		}
		if cs := p.state(address); eligible(address, cs) {
			instance, s, highest = candidate, cs, weight
		}
	}
	return instance, s
}

// rendezvous returns the weight of an instance for a lane. Each lane orders the
// instances by weight, in its own way, the same in every gateway; so when an
// instance leaves, only its lanes move. It is FNV-1a with the final mix of
// MurmurHash3, without which similar addresses have similar weights.
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
