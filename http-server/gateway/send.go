package gateway

import (
	"context"
	"net/http"

	"github.com/cloudwego/hertz/pkg/app"

	"example.com/im/http-server/answer"
	"example.com/im/http-server/param"
	"example.com/im/http-server/request"
	"example.com/im/idl/chat"
	"example.com/im/idl/gen/im"
	"example.com/im/idl/telemetry"
)

// send handles POST /api/send.
func (s *Server) send(ctx context.Context, c *app.RequestContext) {
	name, req, err := parseSend(c)
	if err != nil {
		s.answer.Error(ctx, c, err)
		return
	}
	id := request.ID(c)
	req.RequestId, req.Traceparent = &id, telemetry.Parent(ctx)
	sent, err := s.rpc.Send(ctx, name.Lane(), req)
	if err != nil {
		s.answer.Error(ctx, c, request.CallerOf(c).Shown(err))
		return
	}
	answer.MarkReplayed(c, sent.GetReplayed())
	s.answer.JSON(ctx, c, http.StatusOK, answer.Sent{Chat: string(name), SendTime: sent.GetSendTime()})
}

// parseSend reads a message. Of a message's rules it checks only that of the chat's
// name, because the name leads to the rpc-server.
func parseSend(c *app.RequestContext) (chat.Name, *im.SendRequest, error) {
	ps, err := request.Params(c, "chat", "text", "sender", "receiver")
	if err != nil {
		return "", nil, err
	}
	who := request.CallerOf(c)
	name, err := who.ChatOfSend(ps)
	if err != nil {
		return "", nil, err
	}
	msg := &im.Message{Chat: string(name)}
	if msg.Text, err = ps.Text("text"); err != nil {
		return "", nil, err
	}
	if msg.Sender, err = senderOf(ps, who); err != nil {
		return "", nil, err
	}
	req := &im.SendRequest{Message: msg}
	req.IdempotencyKey, err = request.Key(c)
	return name, req, err
}

// senderOf returns the sender as it was written. Only the rpc-server checks the name, unless
// it has to be the caller's.
func senderOf(ps param.Set, who request.Caller) (string, error) {
	if who.Asked() {
		return who.WrittenSelf(ps, "sender")
	}
	return ps.Text("sender")
}
