package gateway

import (
	"context"

	"github.com/cloudwego/hertz/pkg/app"

	"example.com/im/http-server/answer"
	"example.com/im/http-server/request"
	"example.com/im/idl/chat"
	"example.com/im/idl/gen/im"
)

// members serves GET /api/members.
func (s *Server) members(ctx context.Context, c *app.RequestContext, req *im.MembersRequest) (any, error) {
	name := chat.Name(req.Chat)
	page, err := s.rpc.Members(ctx, name.Lane(), req)
	if err == nil {
		err = request.CallerOf(c).MayKnow(name, page.GetCallerChecked())
	}
	if err != nil {
		return nil, err
	}
	return answer.NewMembers(page), nil
}

// parseMembers reads the request, which may have a body although it is a GET. Only the
// rpc-server knows what a cursor says.
func parseMembers(c *app.RequestContext) (*im.MembersRequest, error) {
	ps, err := request.Params(c, "chat", "cursor", "limit")
	if err != nil {
		return nil, err
	}
	who := request.CallerOf(c)
	name, err := who.Chat(ps)
	if err != nil {
		return nil, err
	}
	req := &im.MembersRequest{Chat: string(name), Cursor: new(string), Caller: who.Name()}
	if *req.Cursor, err = ps.Text("cursor"); err != nil {
		return nil, err
	}
	req.Limit, err = ps.Int32("limit")
	return req, err
}
