package gateway

import (
	"context"
	"net/http"
	"strconv"

	"github.com/cloudwego/hertz/pkg/app"
	"github.com/go-json-experiment/json/jsontext"

	"example.com/im/http-server/fault"
	"example.com/im/http-server/param"
	"example.com/im/idl/chat"
	"example.com/im/idl/gen/im"
	"example.com/im/idl/telemetry"
)

const (
	keyHeader = "Idempotency-Key"
	// replayedHeader marks the answer to a key that was known.
	replayedHeader = "Idempotent-Replayed"
)

// send handles POST /api/send.
func (s *Server) send(ctx context.Context, c *app.RequestContext) {
	name, req, err := parseSend(c)
	if err != nil {
		s.writeError(ctx, c, err)
		return
	}
	id := requestID(c)
	req.RequestId, req.Traceparent = &id, telemetry.Parent(ctx)
	sent, err := s.rpc.Send(ctx, name.Lane(), req)
	if err != nil {
		s.writeError(ctx, c, callerOf(c).shown(err))
		return
	}
	markReplayed(c, sent.GetReplayed())
	writeJSON(c, http.StatusOK, sendReply{string(name), sent.GetSendTime()})
}

// parseSend reads a message. Of a message's rules it checks only that of the chat's
// name, because the name leads to the rpc-server.
func parseSend(c *app.RequestContext) (chat.Name, *im.SendRequest, error) {
	ps, err := readParams(c, "chat", "text", "sender", "receiver")
	if err != nil {
		return "", nil, err
	}
	who := callerOf(c)
	name, err := chatOfSend(ps, who)
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
	req.IdempotencyKey, err = idempotencyKey(c)
	return name, req, err
}

// senderOf returns the sender as it was written. Only the rpc-server checks the name, unless
// it has to be the caller's.
func senderOf(ps param.Set, who caller) (string, error) {
	if who.asked() {
		return who.writtenSelf(ps, "sender")
	}
	return ps.Text("sender")
}

// idempotencyKey returns the key, or nil if there is none.
func idempotencyKey(c *app.RequestContext) (*string, error) {
	switch values := c.Request.Header.PeekAll(keyHeader); len(values) {
	case 0:
		return nil, nil
	case 1:
		key := string(values[0])
		return &key, nil
	}
	return nil, fault.Invalid(keyHeader, "must be given once")
}

// markReplayed marks the answer if the key was known.
func markReplayed(c *app.RequestContext, known bool) {
	if known {
		c.Response.Header.Set(replayedHeader, "true")
	}
}

// sendReply is the answer to a send.
type sendReply struct {
	Chat     string `json:"chat"`
	SendTime int64  `json:"send_time"` // microseconds since 1970
}

func (r sendReply) appendJSON(b []byte) ([]byte, error) {
	b, err := jsontext.AppendQuote(append(b, `{"chat":`...), r.Chat)
	b = strconv.AppendInt(append(b, `,"send_time":`...), r.SendTime, 10)
	return append(b, '}'), err
}
