package rpc

import (
	"cmp"
	"context"
	"time"

	"go.opentelemetry.io/otel/trace"

	"example.com/im/http-server/fault"
)

// callSpec says how a call is to be made.
type callSpec struct {
	method   string
	lane     int
	attempts int           // 1 unless the call may be repeated after it has left
	eager    bool          // repeat it however many calls are refused
	costly   bool          // do not repeat it once it has taken its time: it would take as long again
	stores   bool          // an attempt with an unknown outcome may still store something
	timeout  time.Duration // for all attempts together
}

// attempt is one of the attempts of a call.
type attempt struct {
	route    *route
	of, left int           // attempts in all, and still left with this one
	share    time.Duration // of the call's time, for this one
}

// call makes a call, and repeats it on another instance while that is allowed and may
// help. Of the caller's ctx it takes only the trace. The attempts that are left share
// the time that is left. If the outcome of an attempt is unknown, the refusal of a later
// one does not make it known: not even that of somebody who is no member of a group, who
// may be one again when the first attempt goes on. A refused call is repeated only while
// refusals are rare, unless it is eager. A costly call is not repeated after an attempt
// that took its time. One that an rpc-server does not know is repeated if there is another.
func call[R any](ctx context.Context, c *Client, spec callSpec, try func(attempt) (R, error)) (R, error) {
	deadline := time.Now().Add(spec.timeout)
	r := &route{lane: spec.lane, span: trace.SpanContextFromContext(ctx)}
	var unknown error
	for left := spec.attempts; ; left-- {
		// Kitex takes 0 for no limit, and sends whole milliseconds.
		share := max(time.Until(deadline)/time.Duration(left), time.Millisecond)
		begin := time.Now()
		response, err := try(attempt{r, spec.attempts, left, share})
		c.metrics.called(spec.method, err)
		if err == nil {
			c.throttle.served()
			return response, nil
		}
		again := false
		switch fault.Of(err).Code {
		case fault.Timeout:
			unknown, again = err, true
		case fault.Unavailable:
			again = spec.eager || c.mayRepeat(err)
		case fault.Internal:
		default:
			if spec.stores {
				err = cmp.Or(unknown, err)
			}
			return response, err
		}
		if left == 1 || !again || spec.costly && tookItsTime(begin, share) {
			return response, cmp.Or(unknown, err)
		}
		r = r.again()
	}
}

// tookItsTime reports whether an attempt that began then has failed late in its share of
// the time. That is no refusal and no connection that could not be made, which come at
// once. The database has worked for it, or an instance is slow.
func tookItsTime(begin time.Time, share time.Duration) bool { return time.Since(begin) >= share/2 }

// mayRepeat reports whether a call that an rpc-server has refused with err may be made
// again.
func (c *Client) mayRepeat(err error) bool {
	if isUnknownMethod(err) {
		return c.directory.size() > 1 // another may be of a later version
	}
	return c.throttle.refused()
}
