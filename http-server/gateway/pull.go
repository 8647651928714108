package gateway

import (
	"context"
	"net/url"
	"strconv"
	"time"

	"github.com/cloudwego/hertz/pkg/app"

	"example.com/im/http-server/answer"
	"example.com/im/http-server/fault"
	"example.com/im/http-server/param"
	"example.com/im/http-server/request"
	"example.com/im/http-server/wait"
	"example.com/im/idl/chat"
	"example.com/im/idl/gen/im"
	"example.com/im/idl/telemetry"
)

// pull is what a reader asks for.
type pull struct {
	chat    chat.Name
	request *im.PullRequest
	wait    time.Duration // for how long an empty page is held; 0: not at all
}

// pull serves GET /api/pull.
func (s *Server) pull(ctx context.Context, c *app.RequestContext, p pull) (any, error) {
	id := request.ID(c)
	p.request.RequestId, p.request.Traceparent = &id, telemetry.Parent(ctx)
	page, err := s.page(ctx, c, p)
	if err != nil || page == nil {
		return nil, err
	}
	return answer.Page{Messages: page.Messages, HasMore: page.GetHasMore(), NextCursor: page.GetNextCursor()}, nil
}

// page returns the page that a reader asks for. If there is nothing, and the reader is
// to wait, it parks the request and returns nil. The request then comes back here: to
// pull again if it was woken, or else to get an empty page.
func (s *Server) page(ctx context.Context, c *app.RequestContext, p pull) (*im.PullResponse, error) {
	reader, over, err := s.letIn(c, p.wait, func(longest time.Duration) (*wait.Reader, error) {
		return s.room.EnterPull(p.chat, longest)
	})
	switch {
	case err != nil:
		return nil, err
	case over:
		return &im.PullResponse{NextCursor: &p.request.Cursor}, nil
	}
	page, err := s.rpc.Pull(ctx, p.chat.Lane(), p.request)
	if err == nil {
		err = request.CallerOf(c).MayKnow(p.chat, page.GetCallerChecked())
	}
	if found := err == nil && len(page.Messages) > 0; !waitsOn(reader, found, err) {
		return page, err
	}
	s.park(c, url.Values{
		"chat":   {string(p.chat)},
		"cursor": {strconv.FormatInt(p.request.Cursor, 10)},
		"limit":  {strconv.Itoa(int(p.request.Limit))},
	})
	return nil, nil
}

// parsePull reads the request, which may have a body although it is a GET.
func parsePull(c *app.RequestContext) (pull, error) {
	source, err := request.Source(c)
	if err != nil {
		return pull{}, err
	}
	return parsePullParams(source, request.CallerOf(c))
}

// parsePullParams reads the parameters of a pull.
func parsePullParams(source param.Source, who request.Caller) (pull, error) {
	ps, err := source.Parse("chat", "cursor", "limit", "reverse", "wait_ms")
	if err != nil {
		return pull{}, err
	}
	return readPull(ps, who)
}

// readPull converts the parameters of a pull.
func readPull(ps param.Set, who request.Caller) (p pull, err error) {
	if p.chat, err = who.Chat(ps); err != nil {
		return p, err
	}
	p.request = &im.PullRequest{Chat: string(p.chat), Reverse: new(bool), Caller: who.Name()}
	if p.request.Cursor, err = ps.Int64("cursor"); err != nil {
		return p, err
	}
	if p.request.Limit, err = ps.Int32("limit"); err != nil {
		return p, err
	}
	if *p.request.Reverse, err = ps.Bool("reverse"); err != nil {
		return p, err
	}
	if p.wait, err = readWait(ps); err == nil && p.wait > 0 && *p.request.Reverse {
		err = fault.Invalid("wait_ms", "must not be given with reverse, which reads what is there already")
	}
	return p, err
}
