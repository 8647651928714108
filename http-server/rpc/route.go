package rpc

import (
	"context"
	"slices"
	"sync"

	"go.opentelemetry.io/otel/trace"
)

// route leads one attempt of a call to an instance, and remembers which instances the
// attempt has tried: when a connection fails, Kitex asks for the next.
type route struct {
	lane  int
	only  string            // the address of the one instance that will do; "": any
	avoid []string          // addresses that an earlier attempt has tried
	span  trace.SpanContext // of the caller

	mu    sync.Mutex // an attempt that has timed out may still be on its way
	tried []string
}

// routeKey is the context key of a *route.
type routeKey struct{}

func withRoute(ctx context.Context, r *route) context.Context {
	return context.WithValue(ctx, routeKey{}, r)
}

// alone returns a context for a call that several callers share. It has r and the
// caller's span, and nothing else of the caller.
func (r *route) alone() context.Context {
	return withRoute(trace.ContextWithSpanContext(context.Background(), r.span), r)
}

// again returns the route of a further attempt, on another instance if there
// is one.
func (r *route) again() *route {
	r.mu.Lock()
	defer r.mu.Unlock()
	return &route{lane: r.lane, avoid: slices.Concat(r.avoid, r.tried), span: r.span}
}

// follow notes what was tried along the other route, on which this one's attempt went.
func (r *route) follow(other *route) {
	other.mu.Lock()
	tried := slices.Clone(other.tried)
	other.mu.Unlock()
	r.mu.Lock()
	defer r.mu.Unlock()
	r.tried = tried
}
