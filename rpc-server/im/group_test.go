package im_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"example.com/im/idl/gen/im"
	"example.com/im/idl/gen/im/imservice"
	"example.com/im/rpc-server/store/storetest"
)

func changeMembers(t *testing.T, c imservice.Client, req *im.ChangeMembersRequest) *im.ChangeMembersResponse {
	t.Helper()
	resp, err := c.ChangeMembers(t.Context(), req)
	if err != nil {
		t.Fatalf("ChangeMembers: %v", err)
	}
	return resp
}

func syncAll(t *testing.T, c imservice.Client, req *im.SyncRequest) *im.SyncResponse {
	t.Helper()
	resp, err := c.Sync(t.Context(), req)
	if err != nil {
		t.Fatalf("Sync: %v", err)
	}
	return resp
}

func markRead(t *testing.T, c imservice.Client, req *im.ReadRequest) *im.ReadResponse {
	t.Helper()
	resp, err := c.Read(t.Context(), req)
	if err != nil {
		t.Fatalf("Read: %v", err)
	}
	return resp
}

func members(t *testing.T, c imservice.Client, req *im.MembersRequest) *im.MembersResponse {
	t.Helper()
	resp, err := c.Members(t.Context(), req)
	if err != nil {
		t.Fatalf("Members: %v", err)
	}
	return resp
}

// texts returns the texts of messages, with the changes that they are.
func texts(messages []*im.Message) string {
	var all []string
	for _, m := range messages {
		text := m.Text
		if len(m.Added)+len(m.Removed) > 0 {
			text += fmt.Sprint(m.Added, m.Removed)
		}
		all = append(all, text)
	}
	return strings.Join(all, "; ")
}

// A group is made, used and left through any instance, and who is not in it is refused.
func TestGroup(t *testing.T) {
	t.Parallel()
	path := storetest.SQLite(t)
	cfg, another := config(t), config(t)
	cfg.Store, another.Store = storetest.Open(t, path), storetest.Open(t, path)
	c, elsewhere := dial(t, start(t, cfg)), dial(t, start(t, another))

	if resp := pull(t, c, &im.PullRequest{Chat: "team"}); resp.Code != im.Code_NOT_FOUND {
		t.Errorf("Pull of no group = %v; want NOT_FOUND", resp)
	}
	made := changeMembers(t, c, &im.ChangeMembersRequest{Chat: " Team", By: "Ann", Add: []string{"BOB", "eve"}})
	if made.Code != im.Code_OK || made.GetChat() != "team" || made.GetMembers() != 3 || made.GetSendTime() == 0 {
		t.Fatalf("ChangeMembers = %v", made)
	}
	if resp := pull(t, elsewhere, &im.PullRequest{Chat: "team", Cursor: made.GetSendTime() + 1}); resp.Code != im.Code_OK {
		t.Errorf("Pull of nothing new = %v; want OK", resp)
	}
	sent := send(t, elsewhere, &im.Message{Chat: "TEAM", Sender: "Bob", Text: "hello"})
	if sent.Code != im.Code_OK || sent.GetChat() != "team" {
		t.Errorf("Send = %v", sent)
	}
	for want, resp := range map[im.Code]*im.SendResponse{
		im.Code_FORBIDDEN: send(t, c, &im.Message{Chat: "team", Sender: "joe", Text: "x"}),
		im.Code_NOT_FOUND: send(t, c, &im.Message{Chat: "taem", Sender: "ann", Text: "x"}),
	} {
		if resp.Code != want || resp.Msg == "" {
			t.Errorf("Send = %v; want %v", resp, want)
		}
	}
	key := "k"
	gone := &im.ChangeMembersRequest{Chat: "team", By: "bob", Remove: []string{"bob"}, IdempotencyKey: &key}
	first, again := changeMembers(t, elsewhere, gone), changeMembers(t, c, gone)
	if first.Code != im.Code_OK || again.GetSendTime() != first.GetSendTime() || !again.GetReplayed() || again.GetMembers() != 2 {
		t.Errorf("with a key: %v, then %v", first, again)
	}
	nothing := changeMembers(t, c, &im.ChangeMembersRequest{Chat: "team", By: "ann", Add: []string{"eve"}, Remove: []string{"bob"}})
	if nothing.Code != im.Code_OK || nothing.GetSendTime() != first.GetSendTime() || nothing.GetMembers() != 2 {
		t.Errorf("a change of nothing = %v; want that of the latest change", nothing)
	}
	if first := pull(t, c, &im.PullRequest{Chat: "team"}).Messages[0]; first.Sender != "Ann" {
		t.Errorf("the change is by %q; want Ann, as it was written", first.Sender)
	}
	if got := texts(pull(t, c, &im.PullRequest{Chat: "team"}).Messages); got != "added ann, bob and eve[ann bob eve] []; hello; left[] [bob]" {
		t.Errorf("the group has %s", got)
	}
	list := members(t, elsewhere, &im.MembersRequest{Chat: "team", Limit: 1})
	rest := members(t, c, &im.MembersRequest{Chat: "team", Cursor: list.NextCursor})
	if len(list.Members) != 1 || list.Members[0].Member != "ann" || !list.GetHasMore() || len(rest.Members) != 1 || rest.Members[0].Member != "eve" || rest.GetHasMore() {
		t.Errorf("members = %v, %v; want ann, eve", list, rest)
	}
	changeMembers(t, c, &im.ChangeMembersRequest{Chat: "team", By: "ann", Remove: []string{"eve", "ann"}})
	if resp := changeMembers(t, c, &im.ChangeMembersRequest{Chat: "team", By: "ann", Add: []string{"ann"}}); resp.Code != im.Code_FORBIDDEN {
		t.Errorf("a closed group: %v; want FORBIDDEN", resp)
	}
	if list := members(t, c, &im.MembersRequest{Chat: "team"}); list.Code != im.Code_OK || len(list.Members) != 0 {
		t.Errorf("members of a closed group = %v; want none", list)
	}
}

// A member follows everything by one cursor, begun at the oldest message or at an inbox.
func TestSync(t *testing.T) {
	t.Parallel()
	c := dial(t, start(t, config(t)))
	send(t, c, &im.Message{Chat: "ann:bob", Sender: "bob", Text: "one"})
	page := syncAll(t, c, &im.SyncRequest{Member: " ANN "})
	if texts(page.Messages) != "one" || page.GetHasMore() || page.IsSetMoreGroups() || len(page.Groups) != 0 {
		t.Fatalf("Sync = %v", page)
	}
	inbox := chats(t, c, &im.ChatsRequest{Member: "ann"})
	if len(inbox.States) != 1 || inbox.States[0].Unread != 1 || inbox.GetSyncCursor() != page.GetNextCursor() {
		t.Errorf("Chats = %v; want one unread, and the cursor %s", inbox, page.GetNextCursor())
	}
	if next := chats(t, c, &im.ChatsRequest{Member: "ann", Cursor: new("AQAGYQjDmtGYYTpi")}); next.IsSetSyncCursor() {
		t.Errorf("a later page has a sync_cursor: %v", next)
	}
	changeMembers(t, c, &im.ChangeMembersRequest{Chat: "team", By: "bob", Add: []string{"ann"}})
	mark := markRead(t, c, &im.ReadRequest{Chat: "bob:ann", Member: "Ann", SendTime: page.Messages[0].SendTime})
	if mark.Code != im.Code_OK || mark.GetChat() != "ann:bob" || mark.GetMember() != "ann" || mark.GetSendTime() != page.Messages[0].SendTime {
		t.Errorf("Read = %v", mark)
	}
	groups := true
	next := syncAll(t, c, &im.SyncRequest{Member: "ann", Cursor: page.NextCursor, Groups: &groups})
	if texts(next.Messages) != "added bob and ann[bob ann] []" || len(next.Reads) != 1 || next.Reads[0].Member != "ann" || !slices.Equal(next.Groups, []string{"team"}) {
		t.Errorf("Sync = %v; want the group, and the mark", next)
	}
	end := syncAll(t, c, &im.SyncRequest{Member: "ann", Cursor: next.NextCursor, Groups: &groups})
	if !end.IsSetMessages() || len(end.Messages)+len(end.Reads) != 0 || end.GetNextCursor() != next.GetNextCursor() || len(end.Groups) != 1 {
		t.Errorf("Sync = %v; want nothing, and the same cursor", end)
	}
	if inbox := chats(t, c, &im.ChatsRequest{Member: "ann"}); inbox.States[1].Unread != 0 || inbox.States[1].Read_ != mark.GetSendTime() {
		t.Errorf("Chats = %v; want all of ann:bob read", inbox)
	}
}

// Bad input is refused, with the rule that it breaks.
func TestGroupCallsRefuse(t *testing.T) {
	t.Parallel()
	c := dial(t, start(t, config(t)))
	many := make([]string, 51)
	for i := range many {
		many[i] = fmt.Sprint("m", i)
	}
	for want, req := range map[string]*im.ChangeMembersRequest{
		"chat: must be a group's name": {Chat: "a:b", By: "a"},
		"chat: a group's name":         {Chat: "a b", By: "a"},
		"by: ":                         {Chat: "g", By: " "},
		"add: ":                        {Chat: "g", By: "a", Add: []string{"b", "c d"}},
		"remove: a member":             {Chat: "g", By: "a", Remove: []string{"a:b"}},
		"remove: must not have":        {Chat: "g", By: "a", Add: []string{"b"}, Remove: []string{"B"}},
		"add and remove: must be":      {Chat: "g", By: "a", Add: many, Remove: many},
		"Idempotency-Key: ":            {Chat: "g", By: "a", IdempotencyKey: new("")},
	} {
		if resp := changeMembers(t, c, req); resp.Code != im.Code_INVALID_ARGUMENT || !strings.HasPrefix(resp.Msg, want) {
			t.Errorf("ChangeMembers = %v; want INVALID_ARGUMENT, %s", resp, want)
		}
	}
	for want, req := range map[string]*im.ReadRequest{
		"chat: ":                  {Chat: ":", Member: "a", SendTime: 1},
		"member: a member":        {Chat: "a:b", Member: "", SendTime: 1},
		"member: must be one":     {Chat: "a:b", Member: "c", SendTime: 1},
		"send_time: must be at l": {Chat: "a:b", Member: "a"},
	} {
		if resp := markRead(t, c, req); resp.Code != im.Code_INVALID_ARGUMENT || !strings.HasPrefix(resp.Msg, want) {
			t.Errorf("Read = %v; want INVALID_ARGUMENT, %s", resp, want)
		}
	}
	for want, req := range map[string]*im.SyncRequest{
		"member: ":                    {},
		"cursor: ":                    {Member: "a", Cursor: new("x")},
		"limit: must not be negative": {Member: "a", Limit: -1},
	} {
		if resp := syncAll(t, c, req); resp.Code != im.Code_INVALID_ARGUMENT || !strings.HasPrefix(resp.Msg, want) {
			t.Errorf("Sync = %v; want INVALID_ARGUMENT, %s", resp, want)
		}
	}
	for want, req := range map[string]*im.MembersRequest{
		"chat: ":                      {},
		"cursor: ":                    {Chat: "a:b", Cursor: new("x")},
		"limit: must not be negative": {Chat: "a:b", Limit: -1},
	} {
		if resp := members(t, c, req); resp.Code != im.Code_INVALID_ARGUMENT || !strings.HasPrefix(resp.Msg, want) {
			t.Errorf("Members = %v; want INVALID_ARGUMENT, %s", resp, want)
		}
	}
	if resp := members(t, c, &im.MembersRequest{Chat: "nobody"}); resp.Code != im.Code_NOT_FOUND {
		t.Errorf("Members = %v; want NOT_FOUND", resp)
	}
	if resp := markRead(t, c, &im.ReadRequest{Chat: "nobody", Member: "a", SendTime: 1}); resp.Code != im.Code_NOT_FOUND {
		t.Errorf("Read = %v; want NOT_FOUND", resp)
	}
	if resp := chats(t, c, &im.ChatsRequest{Member: "a", Preview: new(int32(-1))}); resp.Code != im.Code_INVALID_ARGUMENT || !strings.HasPrefix(resp.Msg, "preview: ") {
		t.Errorf("Chats = %v; want a refusal of preview", resp)
	}
}
