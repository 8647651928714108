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

// changeMembers handles POST /api/members.
func (s *Server) changeMembers(ctx context.Context, c *app.RequestContext) {
	name, req, err := parseChange(c)
	if err != nil {
		s.answer.Error(ctx, c, err)
		return
	}
	changed, err := s.rpc.ChangeMembers(ctx, name.Lane(), req)
	if err != nil {
		s.answer.Error(ctx, c, request.CallerOf(c).Shown(err))
		return
	}
	answer.MarkReplayed(c, changed.GetReplayed())
	s.answer.JSON(ctx, c, http.StatusOK, answer.Changed{Chat: req.Chat, SendTime: changed.GetSendTime(), Members: changed.GetMembers()})
}

// parseChange reads who comes into a group and who goes. It checks each name by itself.
// The rpc-server checks what the names have to be together.
func parseChange(c *app.RequestContext) (name chat.Name, req *im.ChangeMembersRequest, err error) {
	ps, err := request.Params(c, "chat", "by", "add", "remove")
	if err != nil {
		return "", nil, err
	}
	if name, err = request.ChatName(ps); err != nil {
		return "", nil, err
	}
	req = &im.ChangeMembersRequest{Chat: string(name)}
	if req.By, err = request.CallerOf(c).WrittenSelf(ps, "by"); err != nil { // it comes back as a sender
		return "", nil, err
	}
	if req.Add, err = request.MemberNames(ps, "add"); err != nil {
		return "", nil, err
	}
	if req.Remove, err = request.MemberNames(ps, "remove"); err != nil {
		return "", nil, err
	}
	req.IdempotencyKey, err = request.Key(c)
	return name, req, err
}
