package gateway

import (
	"context"

	"github.com/cloudwego/hertz/pkg/app"

	"example.com/im/http-server/answer"
	"example.com/im/http-server/request"
	"example.com/im/idl/chat"
	"example.com/im/idl/gen/im"
)

// changeMembers serves POST /api/members.
func (s *Server) changeMembers(ctx context.Context, c *app.RequestContext, req *im.ChangeMembersRequest) (any, error) {
	changed, err := s.rpc.ChangeMembers(ctx, chat.Name(req.Chat).Lane(), req)
	if err != nil {
		return nil, err
	}
	answer.MarkReplayed(c, changed.GetReplayed())
	return answer.Changed{Chat: req.Chat, SendTime: changed.GetSendTime(), Members: changed.GetMembers()}, nil
}

// parseChange reads who comes into a group and who goes. It checks each name by itself.
// The rpc-server checks what the names have to be together.
func parseChange(c *app.RequestContext) (*im.ChangeMembersRequest, error) {
	ps, err := request.Params(c, "chat", "by", "add", "remove")
	if err != nil {
		return nil, err
	}
	name, err := request.ChatName(ps)
	if err != nil {
		return nil, err
	}
	req := &im.ChangeMembersRequest{Chat: string(name)}
	if req.By, err = request.CallerOf(c).WrittenSelf(ps, "by"); err != nil { // it comes back as a sender
		return nil, err
	}
	if req.Add, err = request.MemberNames(ps, "add"); err != nil {
		return nil, err
	}
	if req.Remove, err = request.MemberNames(ps, "remove"); err != nil {
		return nil, err
	}
	req.IdempotencyKey, err = request.Key(c)
	return req, err
}
