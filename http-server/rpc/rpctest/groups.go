package rpctest

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"slices"

	"example.com/im/idl/chat"
	"example.com/im/idl/gen/im"
)

// group is who is in a group.
type group struct {
	members map[string]bool
	changed int64 // the time of the latest change
}

// exists refuses a group that nobody has made. The caller holds mu.
func (r *Memory) exists(name chat.Name) *refusal {
	if name.IsGroup() && r.groups[string(name)] == nil {
		return &refusal{im.Code_NOT_FOUND, "nobody has made this group"}
	}
	return nil
}

// mayAct refuses what a member does that is not in the chat. The caller holds mu.
func (r *Memory) mayAct(name chat.Name, member string) *refusal {
	refused := r.exists(name)
	switch {
	case refused != nil:
		return refused
	case name.IsGroup() && len(r.groups[string(name)].members) == 0:
		return &refusal{im.Code_FORBIDDEN, "the last member has left this group: it stays closed"}
	case name.IsGroup() && !r.groups[string(name)].members[member], !name.IsGroup() && !name.Has(member):
		return &refusal{im.Code_FORBIDDEN, "not a member of this chat"}
	}
	return nil
}

// ChangeMembers changes who is in a group.
func (r *Memory) ChangeMembers(_ context.Context, req *im.ChangeMembersRequest) (*im.ChangeMembersResponse, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	name, by, add, remove, err := parseChange(req)
	if err != nil {
		return &im.ChangeMembersResponse{Code: im.Code_INVALID_ARGUMENT, Msg: err.Error()}, nil
	}
	g := r.groups[name]
	if g == nil {
		g = &group{members: map[string]bool{}}
		add = append(add, by)
	} else if refused := r.mayAct(chat.Name(name), by); refused != nil {
		return &im.ChangeMembersResponse{Code: refused.code, Msg: refused.text}, nil
	}
	add = slices.DeleteFunc(add, func(m string) bool { return g.members[m] })
	remove = slices.DeleteFunc(remove, func(m string) bool { return !g.members[m] })
	if len(g.members)+len(add)-len(remove) > chat.MaxGroupMembers {
		return &im.ChangeMembersResponse{Code: im.Code_INVALID_ARGUMENT, Msg: "add: a group has at most 1000 members"}, nil
	}
	r.groups[name] = g
	if len(add)+len(remove) > 0 {
		r.change(name, by, add, remove, r.time+1)
	}
	n := int32(len(g.members))
	return &im.ChangeMembersResponse{Chat: &name, SendTime: new(g.changed), Members: &n}, nil
}

// change keeps the message of a change, and makes it. The caller holds mu.
func (r *Memory) change(name, by string, add, remove []string, at int64) {
	g := r.groups[name]
	for _, member := range add {
		g.members[member] = true
	}
	for _, member := range remove {
		delete(g.members, member)
	}
	g.changed = at
	r.keep(&im.Message{Chat: name, Sender: by, Text: "a change", Added: add, Removed: remove}, at)
}

// parseChange returns the names in a request, in canonical form.
func parseChange(req *im.ChangeMembersRequest) (name, by string, add, remove []string, err error) {
	parsed, err := chat.Parse(req.Chat)
	if err == nil && !parsed.IsGroup() {
		err = &chat.Error{Field: "chat", Rule: "must be a group's name, without a colon"}
	}
	by, byErr := chat.Member(req.By)
	add, addErr := canonical(req.Add)
	remove, removeErr := canonical(req.Remove)
	var numberErr error
	if len(req.Add)+len(req.Remove) > chat.MaxChangeNames {
		numberErr = errors.New("add: must have, with remove, at most 100 names")
	}
	return string(parsed), by, add, remove, cmp.Or(err, byErr, numberErr, addErr, removeErr, checkKey(req.IdempotencyKey))
}

// canonical returns the canonical forms of members' names, each once.
func canonical(names []string) ([]string, error) {
	var all []string
	for _, name := range names {
		member, err := chat.Member(name)
		if err != nil {
			return nil, err
		}
		if !slices.Contains(all, member) {
			all = append(all, member)
		}
	}
	return all, nil
}

// Members returns a page of who is in a chat. A cursor is the first name of its page.
func (r *Memory) Members(_ context.Context, req *im.MembersRequest) (*im.MembersResponse, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	name, chatErr := chat.Parse(req.Chat)
	limit, limitErr := chat.Limit(req.Limit)
	var cursorErr error
	if len(req.GetCursor()) > chat.MaxCursorBytes {
		cursorErr = errors.New("cursor: must be one that an earlier answer gave")
	}
	if err := cmp.Or(chatErr, cursorErr, limitErr); err != nil {
		return &im.MembersResponse{Code: im.Code_INVALID_ARGUMENT, Msg: err.Error()}, nil
	}
	if refused := r.exists(name); refused != nil {
		return &im.MembersResponse{Code: refused.code, Msg: refused.text}, nil
	}
	resp := &im.MembersResponse{HasMore: new(false), NextCursor: new("")}
	for _, member := range r.membersOf(name) {
		if member < req.GetCursor() {
			continue
		}
		if len(resp.Members) == limit {
			resp.HasMore, resp.NextCursor = new(true), &member
			break
		}
		resp.Members = append(resp.Members, &im.Member{Member: member, Read_: r.marks[marked{string(name), member}].upto})
	}
	return resp, nil
}

// membersOf returns who is in a chat, by name.
func (r *Memory) membersOf(name chat.Name) []string {
	if name.IsGroup() {
		return slices.Sorted(maps.Keys(r.groups[string(name)].members))
	}
	first, second := name.Members()
	return slices.Compact([]string{first, second})
}
