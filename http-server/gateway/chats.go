package gateway

import (
	"context"
	"fmt"

	"github.com/cloudwego/hertz/pkg/app"

	"example.com/im/http-server/answer"
	"example.com/im/http-server/param"
	"example.com/im/http-server/request"
	"example.com/im/idl/chat"
	"example.com/im/idl/gen/im"
)

// chats serves GET /api/chats. Any rpc-server can answer. The lane of the member's name
// makes a member's calls meet in one.
func (s *Server) chats(ctx context.Context, _ *app.RequestContext, req *im.ChatsRequest) (any, error) {
	page, err := s.rpc.Chats(ctx, chat.Name(req.Member).Lane(), req)
	if err != nil {
		return nil, err
	}
	if n := len(page.States); n > 0 && n != len(page.LastMessages) {
		return nil, fmt.Errorf("rpc-server tells the states of %d chats of %d", n, len(page.LastMessages))
	}
	return answer.NewChats(page), nil
}

// parseChats reads the request, which may have a body although it is a GET.
func parseChats(c *app.RequestContext) (*im.ChatsRequest, error) {
	source, err := request.Source(c)
	if err != nil {
		return nil, err
	}
	return parseChatsParams(source, request.CallerOf(c))
}

// parseChatsParams reads the parameters. Only the rpc-server knows what a cursor says.
func parseChatsParams(source param.Source, who request.Caller) (*im.ChatsRequest, error) {
	ps, err := source.Parse("member", "cursor", "limit", "preview")
	if err != nil {
		return nil, err
	}
	req := &im.ChatsRequest{Cursor: new(string), Preview: new(int32)}
	if req.Member, err = who.Self(ps, "member"); err != nil {
		return nil, err
	}
	if *req.Cursor, err = ps.Text("cursor"); err != nil {
		return nil, err
	}
	if req.Limit, err = ps.Int32("limit"); err != nil {
		return nil, err
	}
	*req.Preview, err = ps.Int32("preview")
	return req, err
}
