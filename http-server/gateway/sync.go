package gateway

import (
	"context"
	"net/url"
	"strconv"
	"time"

	"github.com/cloudwego/hertz/pkg/app"

	"example.com/im/http-server/answer"
	"example.com/im/http-server/param"
	"example.com/im/http-server/request"
	"example.com/im/http-server/wait"
	"example.com/im/idl/chat"
	"example.com/im/idl/gen/im"
)

// syncCall is what a member asks for.
type syncCall struct {
	request *im.SyncRequest
	wait    time.Duration // for how long an empty page is held; 0: not at all
}

// sync serves GET /api/sync. Any rpc-server can answer. The lane of the member's name
// makes a member's calls meet in one.
func (s *Server) sync(ctx context.Context, c *app.RequestContext, q syncCall) (any, error) {
	page, err := s.look(ctx, c, q)
	if err != nil || page == nil {
		return nil, err
	}
	return answer.NewSync(page), nil
}

// look returns the page that a member asks for. If there is nothing, and the reader is to
// wait, it parks the request and returns nil. The request then comes back here: to look
// again if the reader was woken, or else to get an empty page. It comes back with the
// cursor of the latest look, so that no look begins again where an earlier one did.
func (s *Server) look(ctx context.Context, c *app.RequestContext, q syncCall) (*im.SyncResponse, error) {
	member := q.request.Member
	reader, over, err := s.letIn(c, q.wait, func(longest time.Duration) (*wait.Reader, error) {
		return s.room.EnterSync(member, longest)
	})
	switch {
	case err != nil:
		return nil, err
	case over:
		return &im.SyncResponse{NextCursor: q.request.Cursor}, nil
	}
	q.request.Groups = new(reader != nil)
	page, err := s.rpc.Sync(ctx, chat.Name(member).Lane(), q.request)
	found := err == nil && (len(page.Messages)+len(page.Reads) > 0 || page.GetHasMore())
	if !waitsOn(reader, found, err) {
		return page, err
	}
	cursor := q.request.GetCursor()
	if err == nil {
		cursor = page.GetNextCursor()
		reader.SetGroups(page.Groups, page.GetMoreGroups())
	}
	s.park(c, url.Values{
		"member": {member},
		"cursor": {cursor},
		"limit":  {strconv.Itoa(int(q.request.Limit))},
	})
	return nil, nil
}

// parseSync reads the request, which may have a body although it is a GET.
func parseSync(c *app.RequestContext) (syncCall, error) {
	source, err := request.Source(c)
	if err != nil {
		return syncCall{}, err
	}
	return parseSyncParams(source, request.CallerOf(c))
}

// parseSyncParams reads the parameters. Only the rpc-server knows what a cursor says.
func parseSyncParams(source param.Source, who request.Caller) (q syncCall, err error) {
	ps, err := source.Parse("member", "cursor", "limit", "wait_ms")
	if err != nil {
		return q, err
	}
	q.request = &im.SyncRequest{Cursor: new(string)}
	if q.request.Member, err = who.Self(ps, "member"); err != nil {
		return q, err
	}
	if *q.request.Cursor, err = ps.Text("cursor"); err != nil {
		return q, err
	}
	if q.request.Limit, err = ps.Int32("limit"); err != nil {
		return q, err
	}
	q.wait, err = readWait(ps)
	return q, err
}
