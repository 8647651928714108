package im

import (
	"context"
	"time"

	"example.com/im/idl/chat"
	"example.com/im/idl/gen/im"
	"example.com/im/rpc-server/store"
)

// Chats returns a page of a member's inbox.
func (h *handler) Chats(ctx context.Context, req *im.ChatsRequest) (*im.ChatsResponse, error) {
	begin := time.Now()
	inbox, err := h.inbox(ctx, req)
	code, msg := h.outcome(ctx, "Chats", begin, err)
	resp := &im.ChatsResponse{Code: code, Msg: msg}
	if err == nil {
		resp.LastMessages = toThrift(inbox.Last)
		resp.HasMore, resp.NextCursor = &inbox.HasMore, new(string)
		if inbox.HasMore {
			*resp.NextCursor = formatCursor(inbox.Next())
		}
		if req.GetCursor() == "" {
			cursor := formatLanes(inbox.Lanes)
			resp.SyncCursor = &cursor
		}
		resp.States = make([]*im.State, len(inbox.States))
		for i, state := range inbox.States {
			resp.States[i] = &im.State{Read_: state.Read, Unread: int32(state.Unread)}
		}
	}
	return resp, nil
}

// inbox reads from the database. Memory could not prove that it has what other
// instances have committed.
func (h *handler) inbox(ctx context.Context, req *im.ChatsRequest) (store.Inbox, error) {
	if err := h.health.refuses(); err != nil {
		return store.Inbox{}, err
	}
	if req == nil {
		return store.Inbox{}, errNoRequest
	}
	member, err := chat.Member(req.Member)
	if err != nil {
		return store.Inbox{}, err
	}
	after, err := parseCursor(req.GetCursor())
	if err != nil {
		return store.Inbox{}, err
	}
	limit, err := chat.Limit(req.Limit)
	if err != nil {
		return store.Inbox{}, err
	}
	if req.GetPreview() < 0 {
		return store.Inbox{}, &chat.Error{Field: "preview", Rule: "must not be negative"}
	}
	ctx, cancel := h.deadline(ctx)
	defer cancel()
	return h.store.Inbox(ctx, store.InboxQuery{Member: member, After: after, Limit: limit, Preview: int(req.GetPreview())})
}
