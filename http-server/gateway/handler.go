package gateway

import (
	"context"
	"net/http"

	"github.com/cloudwego/hertz/pkg/app"

	"example.com/im/http-server/fault"
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
	sent, err := s.rpc.send(ctx, name.Lane(), req)
	if err != nil {
		s.writeError(ctx, c, err)
		return
	}
	if sent.GetReplayed() {
		c.Response.Header.Set(replayedHeader, "true")
	}
	writeJSON(c, http.StatusOK, sendReply{string(name), sent.GetSendTime()})
}

// parseSend reads a message. Of its rules only that of the chat's name is
// checked here, because the name leads to the rpc-server.
func parseSend(c *app.RequestContext) (chat.Name, *im.SendRequest, error) {
	body, err := readBody(c)
	if err != nil {
		return "", nil, err
	}
	ps, err := parseBody(nil, body, "chat", "text", "sender")
	if err != nil {
		return "", nil, err
	}
	name, err := ps.chat()
	if err != nil {
		return "", nil, err
	}
	msg := &im.Message{Chat: string(name)}
	if msg.Text, err = ps.text("text"); err != nil {
		return "", nil, err
	}
	if msg.Sender, err = ps.text("sender"); err != nil {
		return "", nil, err
	}
	req := &im.SendRequest{Message: msg}
	req.IdempotencyKey, err = idempotencyKey(c)
	return name, req, err
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

// pull handles GET /api/pull.
func (s *Server) pull(ctx context.Context, c *app.RequestContext) {
	p, err := parsePull(c)
	if err != nil {
		s.writeError(ctx, c, err)
		return
	}
	id := requestID(c)
	p.request.RequestId, p.request.Traceparent = &id, telemetry.Parent(ctx)
	page, err := s.page(ctx, c, p)
	if err != nil {
		s.writeError(ctx, c, err)
		return
	}
	if page == nil {
		return // it waits, and comes back
	}
	writeJSON(c, http.StatusOK, pullReply{page.Messages, page.GetHasMore(), page.GetNextCursor()})
}

// parsePull reads what page is asked for, from a request that may have a body
// although it is a GET.
func parsePull(c *app.RequestContext) (pull, error) {
	body, err := readBody(c)
	if err != nil {
		return pull{}, err
	}
	return parsePullParams(string(c.URI().QueryString()), body)
}

// parsePullParams reads the parameters of a pull.
func parsePullParams(query string, body []byte) (pull, error) {
	ps, err := parseParams(query, body, "chat", "cursor", "limit", "reverse", "wait_ms")
	if err != nil {
		return pull{}, err
	}
	return ps.pull()
}

// pull converts the parameters of a pull.
func (ps params) pull() (p pull, err error) {
	if p.chat, err = ps.chat(); err != nil {
		return p, err
	}
	p.request = &im.PullRequest{Chat: string(p.chat), Reverse: new(bool)}
	if p.request.Cursor, err = ps.int64("cursor"); err != nil {
		return p, err
	}
	if p.request.Limit, err = ps.int32("limit"); err != nil {
		return p, err
	}
	if *p.request.Reverse, err = ps.bool("reverse"); err != nil {
		return p, err
	}
	p.wait, err = ps.wait(*p.request.Reverse)
	return p, err
}

// chat returns the chat's name in canonical form.
func (ps params) chat() (chat.Name, error) {
	text, err := ps.text("chat")
	if err != nil {
		return "", err
	}
	name, err := chat.Parse(text)
	if err != nil {
		return "", &fault.Error{Code: fault.InvalidArgument, Message: err.Error()}
	}
	return name, nil
}
