package gateway

import (
	"cmp"
	"context"
	"math/rand/v2"
	"time"

	"github.com/cloudwego/kitex/client"
	"github.com/cloudwego/kitex/client/callopt"
	"github.com/cloudwego/kitex/pkg/connpool"
	"github.com/cloudwego/kitex/pkg/discovery"
	"github.com/cloudwego/kitex/pkg/loadbalance/lbcache"
	"github.com/cloudwego/kitex/pkg/transmeta"
	"github.com/cloudwego/kitex/transport"
	"github.com/kitex-contrib/obs-opentelemetry/tracing"
	"go.opentelemetry.io/otel/trace"

	"example.com/im/http-server/fault"
	"example.com/im/idl"
	"example.com/im/idl/chat"
	"example.com/im/idl/gen/im"
	"example.com/im/idl/gen/im/imservice"
)

const (
	// healthTimeout bounds a question for the rpc-servers' health, and
	// healthAttempts says how many of them are asked in that time.
	healthTimeout  = time.Second
	healthAttempts = 3
	// safeAttempts is how often a call is tried that may be repeated: a pull
	// changes nothing, and a send with a key is stored once.
	safeAttempts = 2
	// keylessAttempts is 1 because a send that has left may have been stored. (One
	// that could not leave for want of a connection, Kitex has tried elsewhere.)
	keylessAttempts = 1
)

// The methods that requests share, as the metrics name them.
const (
	sendMethod = "Send"
	pullMethod = "Pull"
)

// answer is what the responses of all methods have in common.
type answer interface {
	GetCode() im.Code
	GetMsg() string
}

// rpcClient calls the rpc-servers. Its errors are faults.
type rpcClient struct {
	im      imservice.Client
	sends   *batcher[*im.SendRequest, *im.SendResponse]
	pulls   *batcher[*im.PullRequest, *im.PullResponse]
	timeout time.Duration // for all attempts of a call together
	metrics *metrics
	repeats repeats
}

// newRPCClient returns a client of the instances that the resolver finds.
func newRPCClient(cfg Config, resolver discovery.Resolver, m *metrics) (*rpcClient, error) {
	b := newBalancer(cfg.Logger)
	options := []client.Option{
		client.WithResolver(resolver),
		// The resolver answers from memory, so it may be asked often. Options of
		// our own also keep the cache ours: Kitex shares its default one between
		// all clients of a process.
		client.WithLoadBalancer(b, &lbcache.Options{RefreshInterval: 250 * time.Millisecond}),
		client.WithInstanceMW(b.watch),
		// TTHeader carries the time left and the request's id.
		client.WithTransportProtocol(transport.TTHeader),
		client.WithMetaHandler(transmeta.ClientTTHeaderHandler),
		client.WithConnectTimeout(cfg.ConnectTimeout),
		client.WithLongConnection(connpool.IdleConfig{
			MaxIdlePerAddress: cfg.RPCConns,
			MaxIdleTimeout:    time.Minute,
		}),
	}
	if cfg.Traces {
		options = append(options, client.WithSuite(tracing.NewClientSuite()))
	}
	c, err := imservice.NewClient(idl.ServiceName, options...)
	if err != nil {
		return nil, err
	}
	r := &rpcClient{im: c, timeout: cfg.RPCTimeout, metrics: m}
	target := b.target(resolver)
	r.sends, r.pulls = r.newSends(target), r.newPulls(target)
	return r, nil
}

// send stores a message. An error with the code timeout leaves open whether it
// is stored; every other says that it is not.
func (c *rpcClient) send(ctx context.Context, lane int, req *im.SendRequest) (*im.SendResponse, error) {
	spec := callSpec{method: sendMethod, lane: lane, attempts: keylessAttempts, timeout: c.timeout}
	if req.IsSetIdempotencyKey() {
		spec.attempts = safeAttempts
	}
	return call(ctx, c, spec, func(a attempt) (*im.SendResponse, error) {
		return sharedOutcome(c.sends.do(a, req))
	})
}

// pull fetches a page, together with others unless it may be a long one.
func (c *rpcClient) pull(ctx context.Context, lane int, req *im.PullRequest) (*im.PullResponse, error) {
	spec := callSpec{method: pullMethod, lane: lane, attempts: safeAttempts, timeout: c.timeout}
	return call(ctx, c, spec, func(a attempt) (*im.PullResponse, error) {
		if req.Limit > sharedLimit {
			return outcomeOf(c.im.Pull(withTrail(ctx, a.trail), req, callopt.WithRPCTimeout(a.share)))
		}
		return sharedOutcome(c.pulls.do(a, req))
	})
}

// chats fetches a page of a member's chats.
func (c *rpcClient) chats(ctx context.Context, lane int, req *im.ChatsRequest) (*im.ChatsResponse, error) {
	spec := callSpec{method: "Chats", lane: lane, attempts: safeAttempts, timeout: c.timeout}
	return call(ctx, c, spec, func(a attempt) (*im.ChatsResponse, error) {
		return outcomeOf(c.im.Chats(withTrail(ctx, a.trail), req, callopt.WithRPCTimeout(a.share)))
	})
}

// health returns nil if one of a few rpc-servers can serve.
func (c *rpcClient) health(ctx context.Context) error {
	spec := callSpec{method: "Health", lane: rand.IntN(chat.Lanes), attempts: healthAttempts, eager: true, timeout: healthTimeout}
	_, err := call(ctx, c, spec, func(a attempt) (*im.HealthResponse, error) {
		return outcomeOf(c.im.Health(withTrail(ctx, a.trail), im.NewHealthRequest(), callopt.WithRPCTimeout(a.share)))
	})
	return err
}

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
	trail    *trail
	of, left int           // attempts in all, and with this one
	share    time.Duration // of the time, for this one
}

// call makes a call for a caller, of whose ctx it takes the trace alone, and repeats
// it on another instance while that is allowed and may help. An attempt that has
// others after it gets its share of the time. Once it is not known what became of
// one, no later refusal makes it known. What was refused is repeated only while
// refusals are rare, unless it is an eager one.
func call[R any](ctx context.Context, c *rpcClient, spec callSpec, try func(attempt) (R, error)) (R, error) {
	deadline := time.Now().Add(spec.timeout)
	t := &trail{lane: spec.lane, span: trace.SpanContextFromContext(ctx)}
	var unknown error
	for left := spec.attempts; ; left-- {
		// Kitex takes 0 for no limit, and sends whole milliseconds.
		share := max(time.Until(deadline)/time.Duration(left), time.Millisecond)
		response, err := try(attempt{t, spec.attempts, left, share})
		c.metrics.called(spec.method, err)
		if err == nil {
			c.repeats.served()
			return response, nil
		}
		again := false
		switch fault.Of(err).Code {
		case fault.Timeout:
			unknown, again = err, true
		case fault.Unavailable:
			again = spec.eager || c.repeats.refused()
		case fault.Internal:
		default:
			return response, err
		}
		if left == 1 || !again {
			return response, cmp.Or(unknown, err)
		}
		t = t.again()
	}
}
