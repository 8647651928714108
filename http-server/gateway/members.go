package gateway

import (
	"context"
	"net/http"

	"github.com/cloudwego/hertz/pkg/app"

	"example.com/im/http-server/answer"
	"example.com/im/http-server/request"
	"example.com/im/idl/chat"
	"example.com/im/idl/gen/im"
)

// members handles GET /api/members.
func (s *Server) members(ctx context.Context, c *app.RequestContext) {
	name, req, err := parseMembers(c)
	if err != nil {
		s.answer.Error(ctx, c, err)
		return
	}
	page, err := s.rpc.Members(ctx, name.Lane(), req)
	who := request.CallerOf(c)
	if err == nil {
		err = who.MayKnow(name, page.GetCallerChecked())
	}
	if err != nil {
		s.answer.Error(ctx, c, who.Shown(err))
		return
	}
	s.answer.JSON(ctx, c, http.StatusOK, answer.NewMembers(page))
}

// parseMembers reads the request, which may have a body although it is a GET. Only the
// rpc-server knows what a cursor says.
func parseMembers(c *app.RequestContext) (name chat.Name, req *im.MembersRequest, err error) {
	ps, err := request.Params(c, "chat", "cursor", "limit")
	if err != nil {
		return "", nil, err
	}
	who := request.CallerOf(c)
	if name, err = who.Chat(ps); err != nil {
		return "", nil, err
	}
	req = &im.MembersRequest{Chat: string(name), Cursor: new(string), Caller: who.Name()}
	if *req.Cursor, err = ps.Text("cursor"); err != nil {
		return "", nil, err
	}
	req.Limit, err = ps.Int32("limit")
	return name, req, err
}
