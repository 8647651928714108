package im

import (
	"context"
	"fmt"
	"runtime/debug"
	"sync"
	"time"

	"example.com/im/idl"
	"example.com/im/idl/chat"
	"example.com/im/idl/gen/im"
	"example.com/im/rpc-server/store"
)

// errTooManyPulls refuses a call of PullAll whole.
var errTooManyPulls = &chat.Error{Field: "pulls", Rule: fmt.Sprintf("must be at most %d", idl.MaxPulls)}

// Pull returns a page of a chat.
func (h *handler) Pull(ctx context.Context, req *im.PullRequest) (*im.PullResponse, error) {
	arrived := time.Now()
	inTime, cancel := h.deadline(ctx)
	defer cancel()
	page, err := h.pull(inTime, req)
	return h.answerPull(ctx, arrived, req, page, err), nil
}

// PullAll returns the pages that readers of one gateway have asked for at the same
// time.
func (h *handler) PullAll(ctx context.Context, req *im.PullAllRequest) (*im.PullAllResponse, error) {
	if err := checkPullAll(req); err != nil {
		code, msg := h.outcome(ctx, "PullAll", time.Now(), err)
		return &im.PullAllResponse{Code: code, Msg: msg}, nil
	}
	resp := &im.PullAllResponse{Answers: h.pullAll(ctx, req.Pulls)}
	resp.Code, resp.Msg = refusal(resp.Answers)
	return resp, nil
}

// checkPullAll checks a call before its pulls.
func checkPullAll(req *im.PullAllRequest) error {
	switch {
	case req == nil:
		return errNoRequest
	case len(req.Pulls) > idl.MaxPulls:
		return errTooManyPulls
	}
	return nil
}

// pullAll answers each of reqs. They run at the same time: so those in memory share one
// lane read, and none waits while the page of another is read.
func (h *handler) pullAll(ctx context.Context, reqs []*im.PullRequest) []*im.PullResponse {
	arrived := time.Now()
	inTime, cancel := h.deadline(ctx)
	defer cancel()
	answers := make([]*im.PullResponse, len(reqs))
	var pulls sync.WaitGroup
	for i, req := range reqs {
		pulls.Go(func() {
			p := begin(inTime, "Pull", req.RequestId, req.Traceparent)
			page, err := h.safePull(p.ctx, req)
			answers[i] = h.answerPull(p.ctx, arrived, req, page, err)
			p.end(answers[i])
		})
	}
	pulls.Wait()
	return answers
}

// safePull turns a panic into one pull's error. (Kitex recovers panics of its own
// goroutines alone.)
func (h *handler) safePull(ctx context.Context, req *im.PullRequest) (page store.Page, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
		}
	}()
	return h.pull(ctx, req)
}

// pull checks a request and returns its page.
func (h *handler) pull(ctx context.Context, req *im.PullRequest) (store.Page, error) {
	if err := h.health.refuses(); err != nil {
		return store.Page{}, err
	}
	if req == nil {
		return store.Page{}, errNoRequest
	}
	name, err := chat.Parse(req.Chat)
	if err != nil {
		return store.Page{}, err
	}
	if err := chat.CheckCursor(req.Cursor); err != nil {
		return store.Page{}, err
	}
	limit, err := chat.Limit(req.Limit)
	if err != nil {
		return store.Page{}, err
	}
	page, err := h.tail.Page(ctx, store.Query{Chat: name, Cursor: req.Cursor, Limit: limit, Reverse: req.GetReverse()})
	if err == nil && len(page.Messages) == 0 {
		err = h.store.CheckGroup(ctx, name)
	}
	if err == nil {
		err = h.checkCaller(ctx, name, req.Caller)
	}
	return page, err
}

// answerPull answers one pull.
func (h *handler) answerPull(ctx context.Context, arrived time.Time, req *im.PullRequest, page store.Page, err error) *im.PullResponse {
	code, msg := h.outcome(ctx, "Pull", arrived, err)
	answer := &im.PullResponse{Code: code, Msg: msg}
	if err == nil {
		answer.Messages = toThrift(page.Messages)
		answer.HasMore, answer.NextCursor = &page.HasMore, &page.NextCursor
		answer.CallerChecked = checked(req.Caller)
	}
	return answer
}

// toThrift converts messages, with two allocations for all of them.
func toThrift(messages []store.Message) []*im.Message {
	converted, pointers := make([]im.Message, len(messages)), make([]*im.Message, len(messages))
	for i := range messages {
		m := &messages[i]
		converted[i] = im.Message{Chat: string(m.Chat), Text: m.Text, Sender: m.Sender, SendTime: m.SendTime}
		if m.Change != "" {
			converted[i].Added, converted[i].Removed = m.Change.Names()
		}
		pointers[i] = &converted[i]
	}
	return pointers
}
