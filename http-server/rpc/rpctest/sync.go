package rpctest

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"slices"
	"strconv"

	"example.com/im/idl/chat"
	"example.com/im/idl/gen/im"
)

// marked is what a mark is of.
type marked struct{ chat, member string }

// mark says how far a member has read in a chat.
type mark struct{ upto, at int64 } // at: when it was said

// Sync returns the last message of each of the member's chats, and the marks, that are
// later than the cursor. A cursor is a time.
func (r *Memory) Sync(_ context.Context, req *im.SyncRequest) (*im.SyncResponse, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	member, memberErr := chat.Member(req.Member)
	limit, limitErr := chat.Limit(cmp.Or(req.Limit, chat.DefaultSyncLimit))
	cursor, cursorErr := parseCursor(req.GetCursor())
	if err := cmp.Or(memberErr, cursorErr, limitErr); err != nil {
		return &im.SyncResponse{Code: im.Code_INVALID_ARGUMENT, Msg: err.Error()}, nil
	}
	resp, next, more := &im.SyncResponse{}, max(cursor, r.time), false
	for _, m := range slices.SortedFunc(maps.Values(r.last), func(a, b *im.Message) int { return cmp.Compare(a.SendTime, b.SendTime) }) {
		switch {
		case m.SendTime <= cursor || !r.sees(member, m):
		case len(resp.Messages) == limit:
			more = true
		default:
			resp.Messages = append(resp.Messages, m)
		}
	}
	if more {
		next = resp.Messages[limit-1].SendTime
	}
	for of, m := range r.marks {
		if cursor < m.at && m.at <= next && r.isIn(of.chat, member) {
			resp.Reads = append(resp.Reads, &im.ReadMark{Chat: of.chat, Member: of.member, SendTime: m.upto})
		}
	}
	if req.GetGroups() {
		resp.Groups = r.groupsOf(member)
		resp.MoreGroups = new(false)
	}
	resp.HasMore, resp.NextCursor = &more, new(strconv.FormatInt(next, 10))
	return resp, nil
}

// parseCursor returns the time that a cursor is.
func parseCursor(text string) (int64, error) {
	if text == "" {
		return 0, nil
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n < 0 || len(text) > chat.MaxCursorBytes {
		return 0, errors.New("cursor: must be one that an earlier answer gave")
	}
	return n, nil
}

// sees reports whether a message is for a member: also the one by which it leaves.
func (r *Memory) sees(member string, m *im.Message) bool {
	return r.isIn(m.Chat, member) || slices.Contains(m.Removed, member)
}

// isIn reports whether a member is in a chat.
func (r *Memory) isIn(name, member string) bool { return r.mayAct(chat.Name(name), member) == nil }

// groupsOf returns the groups in which a member is.
func (r *Memory) groupsOf(member string) []string {
	groups := []string{}
	for name, g := range r.groups {
		if g.members[member] {
			groups = append(groups, name)
		}
	}
	slices.Sort(groups)
	return groups
}

// Read keeps how far a member has read.
func (r *Memory) Read(_ context.Context, req *im.ReadRequest) (*im.ReadResponse, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	name, chatErr := chat.Parse(req.Chat)
	member, memberErr := chat.Member(req.Member)
	var timeErr error
	if req.SendTime < 0 {
		timeErr = &chat.Error{Field: "send_time", Rule: "must not be negative"}
	}
	if err := cmp.Or(chatErr, memberErr, timeErr); err != nil {
		return &im.ReadResponse{Code: im.Code_INVALID_ARGUMENT, Msg: err.Error()}, nil
	}
	if refused := r.mayAct(name, member); refused != nil {
		return &im.ReadResponse{Code: refused.code, Msg: refused.text}, nil
	}
	of := marked{string(name), member}
	if upto := min(req.SendTime, r.time); upto > r.marks[of].upto {
		r.time++
		r.marks[of] = mark{upto, r.time}
	}
	return &im.ReadResponse{Chat: &of.chat, Member: &of.member, SendTime: new(r.marks[of].upto)}, nil
}
