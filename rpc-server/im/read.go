package im

import (
	"context"
	"time"

	"example.com/im/idl/chat"
	"example.com/im/idl/gen/im"
	"example.com/im/rpc-server/store"
)

// Read moves the mark up to which a member has read a chat.
func (h *handler) Read(ctx context.Context, req *im.ReadRequest) (*im.ReadResponse, error) {
	begin := time.Now()
	mark, err := checkRead(req)
	if err == nil {
		err = h.storeOne(ctx, mark)
	}
	code, msg := h.outcome(ctx, "Read", begin, err)
	resp := &im.ReadResponse{Code: code, Msg: msg}
	if err == nil {
		name := string(mark.Chat)
		resp.Chat, resp.Member, resp.SendTime = &name, &mark.Member, &mark.Stands
	}
	return resp, nil
}

// checkRead checks a request by the rules of chats.
func checkRead(req *im.ReadRequest) (*store.Send, error) {
	if req == nil {
		return nil, errNoRequest
	}
	name, err := chat.Parse(req.Chat)
	if err != nil {
		return nil, err
	}
	member, err := chat.Member(req.Member)
	switch {
	case err != nil:
		return nil, err
	case !name.IsGroup() && !name.Has(member):
		return nil, &chat.Error{Field: "member", Rule: "must be one of the chat's two members"}
	case req.SendTime < 1:
		return nil, &chat.Error{Field: "send_time", Rule: "must be at least 1"}
	}
	return &store.Send{Message: store.Message{Chat: name}, Member: member, ReadUpTo: req.SendTime}, nil
}
