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
	attempts int           // 1 unless the call may be repeated though it has left
	eager    bool          // repeat it however many calls are refused
	timeout  time.Duration // for all attempts together
}

// attempt is one of the attempts of a call.
type attempt struct {
	route    *route
	of, left int           // attempts in all, and with this one
	share    time.Duration // of the time, for this one
}

// call makes a call for a caller, of whose ctx it takes the trace alone, and repeats
// it on another instance while that is allowed and may help. An attempt that has
// others after it gets its share of the time. Once it is not known what became of
// one, no later refusal makes it known. What was refused is repeated only while
// refusals are rare, unless it is an eager one.
func call[R any](ctx context.Context, c *Client, spec callSpec, try func(attempt) (R, error)) (R, error) {
	deadline := time.Now().Add(spec.timeout)
	r := &route{lane: spec.lane, span: trace.SpanContextFromContext(ctx)}
	var unknown error
	for left := spec.attempts; ; left-- {
		// Kitex takes 0 for no limit, and sends whole milliseconds.
		share := max(time.Until(deadline)/time.Duration(left), time.Millisecond)
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
			again = spec.eager || c.throttle.refused()
		case fault.Internal:
		default:
			return response, err
		}
		if left == 1 || !again {
			return response, cmp.Or(unknown, err)
		}
		r = r.again()
	}
}
