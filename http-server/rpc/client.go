package rpc

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"

	"example.com/im/idl"
	"example.com/im/idl/chat"
	"example.com/im/idl/gen/im"
	"example.com/im/idl/gen/im/imservice"
)

const (
	// healthTimeout bounds a check of the rpc-servers' health. healthAttempts is how
	// many of them it asks in that time.
	healthTimeout  = time.Second
	healthAttempts = 3
	// safeAttempts is how often a call that may be repeated is tried: a pull changes
	// nothing, a send with a key is stored once, and to say twice how far somebody has
	// read is to say it once.
	safeAttempts = 2
	// keylessAttempts is 1 because a send that has left may have been stored. (If it
	// could not leave for want of a connection, Kitex has tried it elsewhere.)
	keylessAttempts = 1
)

// The methods whose requests share calls, as the metrics name them.
const (
	sendMethod = "Send"
	pullMethod = "Pull"
)

// Client calls the rpc-servers. It is safe for concurrent use. Its errors are faults, or
// defects of an rpc-server.
type Client struct {
	im        imservice.Client
	directory *directory
	sends     *batcher[*im.SendRequest, *im.SendResponse]
	pulls     *batcher[*im.PullRequest, *im.PullResponse]
	timeout   time.Duration // for all attempts of a call together
	metrics   *metrics
	throttle  throttle
}

// New returns a client. It does not wait for etcd or an rpc-server, and it finds none
// before [Client.Run].
func New(cfg Config) (*Client, error) {
	if cfg.Resolver == nil {
		resolver, err := newEtcdResolver(cfg.Etcd)
		if err != nil {
			return nil, err
		}
		cfg.Resolver = resolver
	}
	directory := newDirectory(cfg.Resolver, cfg.Etcd, cfg.Log)
	m, err := newMetrics(cfg.Registerer, directory)
	if err != nil {
		return nil, fmt.Errorf("metrics: %w", err)
	}
	b := newBalancer(cfg.Log)
	options, err := cfg.options(directory, b)
	if err != nil {
		return nil, err
	}
	c, err := imservice.NewClient(idl.ServiceName, options...)
	if err != nil {
		return nil, err
	}
	r := &Client{im: c, directory: directory, timeout: cfg.Timeout, metrics: m}
	target := b.target(directory)
	r.sends, r.pulls = r.newSends(target), r.newPulls(target)
	return r, nil
}

// Run looks for the instances of rpc-server until ctx is done. After each look-up that
// succeeds it calls found, with ctx and the addresses.
func (c *Client) Run(ctx context.Context, found func(ctx context.Context, addresses []string)) {
	c.directory.found = found
	c.directory.run(ctx)
}

// Send stores a message of a chat in the lane. An error with the code timeout leaves
// open whether it is stored; every other says that it is not.
func (c *Client) Send(ctx context.Context, lane int, req *im.SendRequest) (*im.SendResponse, error) {
	spec := callSpec{method: sendMethod, lane: lane, attempts: keylessAttempts, timeout: c.timeout, stores: true}
	if req.IsSetIdempotencyKey() {
		spec.attempts = safeAttempts
	}
	return call(ctx, c, spec, func(a attempt) (*im.SendResponse, error) {
		return sharedResult(c.sends.do(a, req))
	})
}

// Pull fetches a page of a chat in the lane. It shares its call with others, unless the
// page may be a long one.
func (c *Client) Pull(ctx context.Context, lane int, req *im.PullRequest) (*im.PullResponse, error) {
	spec := callSpec{method: pullMethod, lane: lane, attempts: safeAttempts, timeout: c.timeout}
	return call(ctx, c, spec, func(a attempt) (*im.PullResponse, error) {
		if req.Limit > sharedLimit {
			return alone(ctx, a, req, c.im.Pull)
		}
		return sharedResult(c.pulls.do(a, req))
	})
}

// Health returns nil if one of a few rpc-servers can serve, within about a second.
func (c *Client) Health(ctx context.Context) error {
	spec := callSpec{method: "Health", lane: rand.IntN(chat.Lanes), attempts: healthAttempts, eager: true, timeout: healthTimeout}
	_, err := single(ctx, c, spec, im.NewHealthRequest(), c.im.Health)
	return err
}
