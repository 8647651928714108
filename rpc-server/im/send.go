package im

import (
	"context"
	"fmt"
	"time"

	"go.opentelemetry.io/otel/trace"

	"example.com/im/idl"
	"example.com/im/idl/chat"
	"example.com/im/idl/gen/im"
	"example.com/im/rpc-server/store"
)

// Send stores a message.
func (h *handler) Send(ctx context.Context, req *im.SendRequest) (*im.SendResponse, error) {
	return h.sendAll(ctx, []*im.SendRequest{req})[0], nil
}

// errTooManySends refuses a call of SendAll whole.
var errTooManySends = &chat.Error{Field: "sends", Rule: fmt.Sprintf("must be at most %d", idl.MaxSends)}

// SendAll stores messages that have come to a gateway at the same time.
func (h *handler) SendAll(ctx context.Context, req *im.SendAllRequest) (*im.SendAllResponse, error) {
	if err := checkSendAll(req); err != nil {
		code, msg := h.outcome(ctx, "SendAll", time.Now(), err)
		return &im.SendAllResponse{Code: code, Msg: msg}, nil
	}
	resp := &im.SendAllResponse{Answers: h.sendAll(ctx, req.Sends)}
	resp.Code, resp.Msg = refusal(resp.Answers)
	return resp, nil
}

// checkSendAll checks a call before its sends.
func checkSendAll(req *im.SendAllRequest) error {
	switch {
	case req == nil:
		return errNoRequest
	case len(req.Sends) > idl.MaxSends:
		return errTooManySends
	}
	return nil
}

// sendAll answers each of reqs when all valid ones are stored, or cannot be.
func (h *handler) sendAll(ctx context.Context, reqs []*im.SendRequest) []*im.SendResponse {
	arrived := time.Now()
	ctx, cancel := h.deadline(ctx)
	defer cancel()
	refusal := h.health.refusesSends()
	parts, sends, errs := make([]part, len(reqs)), make([]*store.Send, len(reqs)), make([]error, len(reqs))
	var fit []*store.Send
	for i, req := range reqs {
		parts[i] = beginSend(ctx, req)
		if errs[i] = refusal; refusal != nil {
			continue
		}
		if sends[i], errs[i] = checkSend(req); errs[i] == nil {
			sends[i].Span = trace.SpanContextFromContext(parts[i].ctx)
			fit = append(fit, sends[i])
		}
	}
	outcomes := h.sequencer.SendAll(ctx, fit)

	answers := make([]*im.SendResponse, len(reqs))
	for i := range reqs {
		if errs[i] == nil {
			errs[i], outcomes = outcomes[0], outcomes[1:]
		}
		answers[i] = h.answerSend(parts[i], arrived, sends[i], errs[i])
	}
	return answers
}

// beginSend begins one send of a call, of which there may be nothing.
func beginSend(ctx context.Context, req *im.SendRequest) part {
	if req == nil {
		return begin(ctx, "Send", nil, nil)
	}
	return begin(ctx, "Send", req.RequestId, req.Traceparent)
}

// answerSend answers one send.
func (h *handler) answerSend(p part, arrived time.Time, sent *store.Send, err error) *im.SendResponse {
	code, msg := h.outcome(p.ctx, "Send", arrived, err)
	answer := &im.SendResponse{Code: code, Msg: msg}
	if err == nil {
		name, replayed := string(sent.Chat), sent.Outcome == store.Replayed
		answer.Chat, answer.SendTime, answer.Replayed = &name, &sent.SendTime, &replayed
		p.span.AddLink(trace.Link{SpanContext: sent.CommitSpan})
	}
	p.end(answer)
	return answer
}

// checkSend checks a request by the rules of chats.
func checkSend(req *im.SendRequest) (*store.Send, error) {
	if req == nil {
		return nil, errNoRequest
	}
	m := req.Message
	name, err := chat.Parse(m.Chat)
	if err != nil {
		return nil, err
	}
	sender, member, err := name.Sender(m.Sender)
	if err != nil {
		return nil, err
	}
	if err := chat.CheckText(m.Text); err != nil {
		return nil, err
	}
	if err := checkKey(req.IdempotencyKey); err != nil {
		return nil, err
	}
	return &store.Send{
		Message: store.Message{Chat: name, Sender: sender, Text: m.Text}, Member: member, Key: req.GetIdempotencyKey(),
	}, nil
}

// checkKey checks an idempotency key, of which there may be none.
func checkKey(key *string) error {
	if key == nil {
		return nil
	}
	return chat.CheckKey(*key)
}
