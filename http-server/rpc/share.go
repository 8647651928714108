package rpc

import (
	"time"

	"github.com/cloudwego/kitex/client/callopt"

	"example.com/im/idl"
	"example.com/im/idl/gen/im"
)

const (
	// maxCallBytes bounds a shared call, as [idl.MaxSends] and [idl.MaxPulls] do:
	// rpc-servers take 256 KiB. A call of one send may be longer.
	maxCallBytes = 128 << 10
	// sendOverhead and pullOverhead are the bytes that a request takes beside its
	// strings, with the longest traceparent.
	sendOverhead = 128
	pullOverhead = 112
	// sharedLimit is the largest page, in messages, whose pull shares its call. All
	// pulls of a call are answered together: a long page would hold up the short ones.
	sharedLimit = 100
)

// newSends returns a batcher of sends.
func (c *Client) newSends(target func(*route) string) *batcher[*im.SendRequest, *im.SendResponse] {
	return &batcher[*im.SendRequest, *im.SendResponse]{
		call: c.sendAll, target: target, size: sizeOfSend, maxRequests: idl.MaxSends, maxBytes: maxCallBytes,
	}
}

// newPulls returns a batcher of pulls.
func (c *Client) newPulls(target func(*route) string) *batcher[*im.PullRequest, *im.PullResponse] {
	return &batcher[*im.PullRequest, *im.PullResponse]{
		call: c.pullAll, target: target, size: sizeOfPull, maxRequests: idl.MaxPulls, maxBytes: maxCallBytes,
	}
}

func sizeOfSend(s *im.SendRequest) int {
	m := s.Message
	return len(m.Chat) + len(m.Text) + len(m.Sender) + len(s.GetIdempotencyKey()) + len(s.GetRequestId()) + sendOverhead
}

func sizeOfPull(p *im.PullRequest) int {
	return len(p.Chat) + len(p.GetRequestId()) + len(p.GetCaller()) + pullOverhead
}

// sendAll makes one call of sends.
func (c *Client) sendAll(r *route, timeout time.Duration, sends []*im.SendRequest) ([]*im.SendResponse, error) {
	c.metrics.batch.WithLabelValues(sendMethod).Observe(float64(len(sends)))
	resp, err := c.im.SendAll(r.alone(), &im.SendAllRequest{Sends: sends}, callopt.WithRPCTimeout(timeout))
	if err != nil {
		return nil, fromKitex(err)
	}
	return answersOf(resp, resp.Answers, len(sends))
}

// pullAll makes one call of pulls.
func (c *Client) pullAll(r *route, timeout time.Duration, pulls []*im.PullRequest) ([]*im.PullResponse, error) {
	c.metrics.batch.WithLabelValues(pullMethod).Observe(float64(len(pulls)))
	resp, err := c.im.PullAll(r.alone(), &im.PullAllRequest{Pulls: pulls}, callopt.WithRPCTimeout(timeout))
	if err != nil {
		return nil, fromKitex(err)
	}
	return answersOf(resp, resp.Answers, len(pulls))
}

// sharedResult returns the answer to a request in a shared call, or the error that its
// code or err means.
func sharedResult[A idl.Answer](a A, err error) (A, error) {
	if err == nil {
		err = fromCode(a)
	}
	return a, err
}
