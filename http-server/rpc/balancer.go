package rpc

import (
	"context"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/cloudwego/kitex/pkg/discovery"
	"github.com/cloudwego/kitex/pkg/endpoint"
	"github.com/cloudwego/kitex/pkg/loadbalance"
	"github.com/cloudwego/kitex/pkg/rpcinfo"

	"example.com/im/idl"
	"example.com/im/idl/gen/im"
)

const (
	// skipTime is how long calls pass over an instance that failed. Then one call
	// tries it. The others go on passing it over until that one succeeds.
	skipTime = 3 * time.Second
	// refuseTime is how long an instance may refuse all calls before it counts as
	// failed. One whose database is gone refuses all; one that is merely busy takes
	// some with each commit.
	refuseTime = time.Second
)

// balancer is a [loadbalance.Loadbalancer] that sends a lane's calls to one
// instance, the same from every gateway, as long as that instance answers. A call
// without a [route] in its context goes to any instance.
type balancer struct {
	log    *slog.Logger
	now    func() time.Time
	states sync.Map // address → *state
}

// state is what the balancer has seen of an instance.
type state struct {
	skipUntil    atomic.Int64 // Unix nanoseconds; 0: it has not failed
	refusesSince atomic.Int64 // Unix nanoseconds of its first refusal since it last answered anything else; 0: none
}

func newBalancer(log *slog.Logger) *balancer {
	return &balancer{log: log, now: time.Now}
}

// Name implements [loadbalance.Loadbalancer].
func (b *balancer) Name() string { return "lane" }

// GetPicker implements [loadbalance.Loadbalancer].
func (b *balancer) GetPicker(found discovery.Result) loadbalance.Picker {
	return &picker{b, found.Instances}
}

// Rebalance implements [loadbalance.Rebalancer]: it forgets the instances that have
// left. Because there is such a method, Kitex also closes their idle connections.
func (b *balancer) Rebalance(change discovery.Change) {
	for _, instance := range change.Removed {
		b.states.Delete(instance.Address().String())
	}
}

// Delete implements [loadbalance.Rebalancer]; nothing is kept by service.
func (b *balancer) Delete(discovery.Change) {}

// learn is a middleware around the call of one instance, the connecting included. It
// notes the outcome.
func (b *balancer) learn(next endpoint.Endpoint) endpoint.Endpoint {
	return func(ctx context.Context, request, response any) error {
		to := rpcinfo.GetRPCInfo(ctx).To()
		err := next(ctx, request, response)
		if to.Method() != watchMethod { // it needs no database, and its answer is held
			b.note(to.Address().String(), codeOf(response), err)
		}
		return err
	}
}

// note takes in the outcome of a call of the instance at address. An answer of any kind
// shows that the instance lives. One that only refuses for refuseTime counts as failed.
func (b *balancer) note(address string, answer im.Code, err error) {
	s := b.state(address)
	failed := err != nil && !isException(err)
	switch {
	case !failed && answer != im.Code_UNAVAILABLE:
		s.refusesSince.Store(0)
		if s.skipUntil.Load() != 0 && s.skipUntil.Swap(0) != 0 {
			b.log.Info("rpc-server answers again", "address", address)
		}
	case failed || s.refuses(b.now()):
		if s.skipUntil.Swap(b.now().Add(skipTime).UnixNano()) == 0 {
			b.log.Warn("rpc-server passed over", "address", address, "err", err, "answer", answer)
		}
	}
}

// refuses notes a refusal. It reports whether there was nothing else for refuseTime.
func (s *state) refuses(now time.Time) bool {
	since := s.refusesSince.Load()
	if since == 0 {
		s.refusesSince.CompareAndSwap(0, now.UnixNano())
		return false
	}
	return now.UnixNano()-since >= refuseTime.Nanoseconds()
}

func (b *balancer) state(address string) *state {
	if s, ok := b.states.Load(address); ok {
		return s.(*state)
	}
	s, _ := b.states.LoadOrStore(address, new(state))
	return s.(*state)
}

// usable reports whether calls may go to an instance in state s.
func (b *balancer) usable(s *state) bool {
	until := s.skipUntil.Load()
	return until == 0 || until <= b.now().UnixNano()
}

// claim takes an instance for one call. It returns false if the instance is passed
// over: it has failed, and it is not time to try it, or another call is doing so.
func (b *balancer) claim(s *state) bool {
	until := s.skipUntil.Load()
	if until == 0 {
		return true
	}
	now := b.now()
	return until <= now.UnixNano() && s.skipUntil.CompareAndSwap(until, now.Add(skipTime).UnixNano())
}

// codeOf returns the code in a call's response, or OK if there is none.
func codeOf(response any) im.Code {
	result, ok := response.(interface {
		IsSetSuccess() bool
		GetResult() any
	})
	if !ok || !result.IsSetSuccess() {
		return im.Code_OK
	}
	if answer, ok := result.GetResult().(idl.Answer); ok {
		return answer.GetCode()
	}
	return im.Code_OK
}
