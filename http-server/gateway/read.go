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

// read handles POST /api/read.
func (s *Server) read(ctx context.Context, c *app.RequestContext) {
	name, req, err := parseRead(c)
	if err != nil {
		s.answer.Error(ctx, c, err)
		return
	}
	stands, err := s.rpc.Read(ctx, name.Lane(), req)
	if err != nil {
		s.answer.Error(ctx, c, request.CallerOf(c).Shown(err))
		return
	}
	s.answer.JSON(ctx, c, http.StatusOK, answer.Mark{Chat: req.Chat, Member: req.Member, SendTime: stands.GetSendTime()})
}

// parseRead reads how far a member has read.
func parseRead(c *app.RequestContext) (name chat.Name, req *im.ReadRequest, err error) {
	ps, err := request.Params(c, "chat", "member", "send_time")
	if err != nil {
		return "", nil, err
	}
	who := request.CallerOf(c)
	if name, err = who.Chat(ps); err != nil {
		return "", nil, err
	}
	req = &im.ReadRequest{Chat: string(name)}
	if req.Member, err = who.Self(ps, "member"); err != nil {
		return "", nil, err
	}
	req.SendTime, err = ps.Int64("send_time")
	return name, req, err
}
