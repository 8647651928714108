package gateway

import (
	"context"

	"github.com/cloudwego/hertz/pkg/app"

	"example.com/im/http-server/answer"
	"example.com/im/http-server/param"
	"example.com/im/http-server/request"
	"example.com/im/idl/chat"
	"example.com/im/idl/gen/im"
	"example.com/im/idl/telemetry"
)

// send serves POST /api/send.
func (s *Server) send(ctx context.Context, c *app.RequestContext, req *im.SendRequest) (any, error) {
	name, id := req.Message.Chat, request.ID(c)
	req.RequestId, req.Traceparent = &id, telemetry.Parent(ctx)
	sent, err := s.rpc.Send(ctx, chat.Name(name).Lane(), req)
	if err != nil {
		return nil, err
	}
	answer.MarkReplayed(c, sent.GetReplayed())
	return answer.Sent{Chat: name, SendTime: sent.GetSendTime()}, nil
}

// parseSend reads a message. Of a message's rules it checks only that of the chat's
// name, because the name leads to the rpc-server.
func parseSend(c *app.RequestContext) (*im.SendRequest, error) {
	ps, err := request.Params(c, "chat", "text", "sender", "receiver")
	if err != nil {
		return nil, err
	}
	who := request.CallerOf(c)
	name, err := who.ChatOfSend(ps)
	if err != nil {
		return nil, err
	}
	msg := &im.Message{Chat: string(name)}
	if msg.Text, err = ps.Text("text"); err != nil {
		return nil, err
	}
	if msg.Sender, err = senderOf(ps, who); err != nil {
		return nil, err
	}
	req := &im.SendRequest{Message: msg}
	req.IdempotencyKey, err = request.Key(c)
	return req, err
}

// senderOf returns the sender as it was written. Only the rpc-server checks the name, unless
// it has to be the caller's.
func senderOf(ps param.Set, who request.Caller) (string, error) {
	if who.Asked() {
		return who.WrittenSelf(ps, "sender")
	}
	return ps.Text("sender")
}
