package gateway

import (
	"context"
	"time"

	"github.com/cloudwego/hertz/pkg/app"

	"example.com/im/http-server/fault"
	"example.com/im/idl/chat"
	"example.com/im/idl/gen/im"
)

// maxWaitMs is the longest wait for a message; who asks for more gets this.
const maxWaitMs = 30_000

// pull is what a reader asks for.
type pull struct {
	chat    chat.Name
	request *im.PullRequest
	wait    time.Duration // an empty page is held so long
}

// wait returns for how long an empty page is to be held, by default not at all.
func (ps params) wait(reverse bool) (time.Duration, error) {
	ms, err := ps.int32("wait_ms")
	switch {
	case err != nil:
		return 0, err
	case ms < 0:
		return 0, fault.Invalid("wait_ms", "must not be negative")
	case ms > 0 && reverse:
		return 0, fault.Invalid("wait_ms", "must not be given with reverse, which reads what is there already")
	}
	return time.Duration(min(ms, maxWaitMs)) * time.Millisecond, nil
}

// page returns what a reader asks for, or nil, if there is nothing and the request
// is to wait. It then comes back: to look again, or to be told that there is nothing.
func (s *Server) page(ctx context.Context, c *app.RequestContext, p pull) (*im.PullResponse, error) {
	e := exchangeOf(c)
	switch {
	case e.waiter != nil && !e.waiter.looks:
		return &im.PullResponse{NextCursor: &p.request.Cursor}, nil
	case e.waiter == nil && p.wait > 0 && !s.draining.Load():
		r, err := s.waits.add(p.chat, e.client, p.wait)
		if err != nil {
			return nil, err
		}
		e.waiter = r
	}
	page, err := s.rpc.pull(ctx, p.chat.Lane(), p.request)
	if err != nil || len(page.Messages) > 0 || e.waiter == nil || e.waiter.over() {
		return page, err
	}
	e.park(c, p)
	return nil, nil
}
