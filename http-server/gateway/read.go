package gateway

import (
	"context"

	"github.com/cloudwego/hertz/pkg/app"

	"example.com/im/http-server/answer"
	"example.com/im/http-server/request"
	"example.com/im/idl/chat"
	"example.com/im/idl/gen/im"
)

// read serves POST /api/read.
func (s *Server) read(ctx context.Context, _ *app.RequestContext, req *im.ReadRequest) (any, error) {
	stands, err := s.rpc.Read(ctx, chat.Name(req.Chat).Lane(), req)
	if err != nil {
		return nil, err
	}
	return answer.Mark{Chat: req.Chat, Member: req.Member, SendTime: stands.GetSendTime()}, nil
}

// parseRead reads how far a member has read.
func parseRead(c *app.RequestContext) (*im.ReadRequest, error) {
	ps, err := request.Params(c, "chat", "member", "send_time")
	if err != nil {
		return nil, err
	}
	who := request.CallerOf(c)
	name, err := who.Chat(ps)
	if err != nil {
		return nil, err
	}
	req := &im.ReadRequest{Chat: string(name)}
	if req.Member, err = who.Self(ps, "member"); err != nil {
		return nil, err
	}
	req.SendTime, err = ps.Int64("send_time")
	return req, err
}
