package im

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"go.opentelemetry.io/otel/trace"

	"example.com/im/idl/chat"
	"example.com/im/idl/gen/im"
	"example.com/im/rpc-server/store"
)

// ChangeMembers changes who is in a group.
func (h *handler) ChangeMembers(ctx context.Context, req *im.ChangeMembersRequest) (*im.ChangeMembersResponse, error) {
	begin := time.Now()
	change, err := checkChange(req)
	if err == nil {
		err = h.storeOne(ctx, change)
	}
	code, msg := h.outcome(ctx, "ChangeMembers", begin, err)
	resp := &im.ChangeMembersResponse{Code: code, Msg: msg}
	if err == nil {
		name, members, replayed := string(change.Chat), int32(change.Members), change.Outcome == store.Replayed
		resp.Chat, resp.SendTime, resp.Members, resp.Replayed = &name, &change.SendTime, &members, &replayed
	}
	return resp, nil
}

// storeOne stores what one call brings.
func (h *handler) storeOne(ctx context.Context, s *store.Send) error {
	if err := h.health.refusesSends(); err != nil {
		return err
	}
	ctx, cancel := h.deadline(ctx)
	defer cancel()
	s.Span = trace.SpanContextFromContext(ctx)
	return h.sequencer.Send(ctx, s)
}

// checkChange checks a request by the rules of chats.
func checkChange(req *im.ChangeMembersRequest) (*store.Send, error) {
	if req == nil {
		return nil, errNoRequest
	}
	name, err := chat.Parse(req.Chat)
	if err != nil {
		return nil, err
	}
	if !name.IsGroup() {
		return nil, &chat.Error{Field: "chat", Rule: "must be a group's name, without a colon: who is in a chat of two does not change"}
	}
	by, err := chat.MemberIn("by", req.By)
	if err != nil {
		return nil, err
	}
	wanted, err := checkNames(req.Add, req.Remove)
	if err != nil {
		return nil, err
	}
	if err := checkKey(req.IdempotencyKey); err != nil {
		return nil, err
	}
	return &store.Send{
		Message: store.Message{Chat: name, Sender: strings.TrimSpace(req.By)}, Member: by, Key: req.GetIdempotencyKey(), Wanted: wanted,
	}, nil
}

// checkNames checks the names to add and to remove.
func checkNames(add, remove []string) (*store.Change, error) {
	if len(add)+len(remove) > chat.MaxChangeNames {
		return nil, &chat.Error{Field: "add and remove", Rule: fmt.Sprintf("must be at most %d names", chat.MaxChangeNames)}
	}
	added, err := membersOf("add", add)
	if err != nil {
		return nil, err
	}
	removed, err := membersOf("remove", remove)
	if err != nil {
		return nil, err
	}
	for _, name := range removed {
		if slices.Contains(added, name) {
			return nil, &chat.Error{Field: "remove", Rule: "must not have a name that add has"}
		}
	}
	wanted := store.NewChange(added, removed)
	return &wanted, nil
}

// membersOf returns names in canonical form.
func membersOf(field string, names []string) ([]string, error) {
	members := make([]string, len(names))
	for i, name := range names {
		member, err := chat.MemberIn(field, name)
		if err != nil {
			return nil, err
		}
		members[i] = member
	}
	return members, nil
}

// Members returns who is in a chat.
func (h *handler) Members(ctx context.Context, req *im.MembersRequest) (*im.MembersResponse, error) {
	begin := time.Now()
	page, err := h.members(ctx, req)
	code, msg := h.outcome(ctx, "Members", begin, err)
	resp := &im.MembersResponse{Code: code, Msg: msg}
	if err == nil {
		resp.HasMore, resp.NextCursor, resp.CallerChecked = &page.HasMore, new(string), checked(req.Caller)
		resp.Members = make([]*im.Member, len(page.Members))
		for i, m := range page.Members {
			resp.Members[i] = &im.Member{Member: m.Member, Read_: m.SendTime}
		}
		if page.HasMore {
			*resp.NextCursor = formatMember(page.Members[len(page.Members)-1].Member)
		}
	}
	return resp, nil
}

// members checks a request and returns its page.
func (h *handler) members(ctx context.Context, req *im.MembersRequest) (page store.Members, err error) {
	if err := h.health.refuses(); err != nil {
		return page, err
	}
	if req == nil {
		return page, errNoRequest
	}
	var q store.MembersQuery
	if q.Chat, err = chat.Parse(req.Chat); err != nil {
		return page, err
	}
	if q.After, err = parseMember(req.GetCursor()); err != nil {
		return page, err
	}
	if q.Limit, err = chat.Limit(req.Limit); err != nil {
		return page, err
	}
	ctx, cancel := h.deadline(ctx)
	defer cancel()
	if page, err = h.store.Members(ctx, q); err == nil {
		err = h.checkCaller(ctx, q.Chat, req.Caller)
	}
	return page, err
}
