package test

import (
	"fmt"
	"net/http"
	"reflect"
	"strings"
	"testing"
)

// changed and members are the JSON of the API.
type changed struct {
	Chat     string `json:"chat"`
	SendTime int64  `json:"send_time"`
	Members  int    `json:"members"`
}

type memberPage struct {
	Members []struct {
		Member string `json:"member"`
		Read   int64  `json:"read"`
	} `json:"members"`
	HasMore    bool   `json:"has_more"`
	NextCursor string `json:"next_cursor"`
}

// changeMembers changes a group.
func (c *client) changeMembers(t testing.TB, group, by string, add, remove []string, header ...string) (made changed) {
	t.Helper()
	body := toJSON(map[string]any{"chat": group, "by": by, "add": add, "remove": remove})
	c.do(t, http.MethodPost, "/api/members", body, header...).decode(t, http.StatusOK, &made)
	return made
}

// markRead moves a mark, and returns where it stands.
func (c *client) markRead(t testing.TB, chat, member string, sendTime int64) (stands mark) {
	t.Helper()
	body := toJSON(map[string]any{"chat": chat, "member": member, "send_time": sendTime})
	c.do(t, http.MethodPost, "/api/read", body).decode(t, http.StatusOK, &stands)
	return stands
}

// membersOf lists the members of a chat, each as "name read".
func (c *client) membersOf(t testing.TB, chat string, limit int) (all []string) {
	t.Helper()
	for cursor := ""; ; {
		var p memberPage
		c.do(t, http.MethodGet, "/api/members?"+query("chat", chat, "limit", limit, "cursor", cursor), "").decode(t, http.StatusOK, &p)
		for _, m := range p.Members {
			all = append(all, fmt.Sprint(m.Member, " ", m.Read))
		}
		if cursor = p.NextCursor; !p.HasMore {
			return all
		}
	}
}

// changesOf pulls all of a group.
func (c *client) changesOf(t testing.TB, group string) (all []change) {
	t.Helper()
	var p struct {
		Messages   []change `json:"messages"`
		HasMore    bool     `json:"has_more"`
		NextCursor int64    `json:"next_cursor"`
	}
	c.do(t, http.MethodGet, "/api/pull?"+query("chat", group, "limit", 100), "").decode(t, http.StatusOK, &p)
	return p.Messages
}

// A group is made, talked in and left, through any gateway, and tells who came and went.
// Who is in it learns what was said meanwhile, and nothing else.
func testGroups(t *testing.T, c *client) {
	ann, bob, _ := strings.Cut(newChat(), ":")
	eve, group := "e"+ann, "g"+ann
	made := c.changeMembers(t, " "+strings.ToUpper(group), ann, []string{bob, bob}, nil)
	if made.Chat != group || made.Members != 2 || made.SendTime == 0 {
		t.Errorf("made = %+v", made)
	}
	c.send(t, group, strings.ToUpper(bob), "one")
	key := []string{"Idempotency-Key", "add"}
	added := c.changeMembers(t, group, bob, []string{eve}, []string{ann}, key...)
	if again := c.changeMembers(t, group, bob, []string{eve}, []string{ann}, key...); again != added || added.Members != 2 {
		t.Errorf("with the key again: %+v; want %+v", again, added)
	}
	c.send(t, group, eve, "two")
	if nothing := c.changeMembers(t, group, eve, []string{bob}, []string{ann}); nothing != added {
		t.Errorf("a change of nothing: %+v; want the latest, %+v", nothing, added)
	}
	left := c.changeMembers(t, group, bob, nil, []string{bob})
	want := []change{
		{message{group, fmt.Sprintf("added %s and %s", ann, bob), ann, made.SendTime}, []string{ann, bob}, nil},
		{message{group, "one", strings.ToUpper(bob), 0}, nil, nil},
		{message{group, fmt.Sprintf("added %s and removed %s", eve, ann), bob, added.SendTime}, []string{eve}, []string{ann}},
		{message{group, "two", eve, 0}, nil, nil},
		{message{group, "left", bob, left.SendTime}, nil, []string{bob}},
	}
	got := c.changesOf(t, group)
	for i := range min(len(got), len(want)) {
		if want[i].SendTime == 0 {
			want[i].SendTime = got[i].SendTime
		}
	}
	if !reflect.DeepEqual(got, want) {
		t.Fatalf("the group has %+v; want %+v", got, want)
	}
	for member, texts := range map[string][]change{ann: want[:3], bob: want, eve: want[2:]} {
		if n := c.everything(t, member, "", 2); !reflect.DeepEqual(n.Messages, texts) {
			t.Errorf("%s learns %+v; want %+v", member, n.Messages, texts)
		}
	}
	if list := c.membersOf(t, group, 1); !reflect.DeepEqual(list, []string{eve + " 0"}) {
		t.Errorf("members: %v; want %s", list, eve)
	}
	last := fmt.Sprintf(`"text":"left","sender":%q,"send_time":%d,"removed":[%q]},"unread":2,"read":0}]`, bob, left.SendTime, bob)
	if r := c.do(t, http.MethodGet, "/api/chats?"+query("member", eve), ""); !strings.Contains(string(r.body), last) {
		t.Errorf("the inbox of %s: %s; want %s", eve, r.body, last)
	}
	if i := c.inboxOf(t, "member", bob); len(i.Chats) != 0 {
		t.Errorf("the inbox of one who has left: %+v", i)
	}
}

// Who is in no group, or makes a slip of the pen, is told so, and nothing is stored.
func testGroupsRefused(t *testing.T, c *client) {
	ann, bob, _ := strings.Cut(newChat(), ":")
	group, closed := "g"+ann, "c"+ann
	for path, body := range map[string]string{
		"/api/send": toJSON(map[string]string{"chat": group, "sender": ann, "text": "x"}),
		"/api/read": toJSON(map[string]any{"chat": group, "member": ann, "send_time": 1}),
	} {
		c.do(t, http.MethodPost, path, body).wantError(t, http.StatusNotFound, "not_found", "nobody has made this group")
	}
	for _, path := range []string{"/api/pull?", "/api/members?", "/api/pull?wait_ms=25000&"} {
		c.do(t, http.MethodGet, path+query("chat", group), "").wantError(t, http.StatusNotFound, "not_found", "nobody has made this group")
	}
	c.changeMembers(t, group, ann, nil, nil)
	c.changeMembers(t, closed, ann, nil, nil)
	c.changeMembers(t, closed, ann, nil, []string{ann})
	for name, tc := range map[string]struct{ path, body string }{
		"send by a stranger":   {"/api/send", toJSON(map[string]string{"chat": group, "sender": bob, "text": "x"})},
		"mark of a stranger":   {"/api/read", toJSON(map[string]any{"chat": group, "member": bob, "send_time": 1})},
		"change by a stranger": {"/api/members", toJSON(map[string]any{"chat": group, "by": bob, "add": []string{bob}})},
		"send to a closed one": {"/api/send", toJSON(map[string]string{"chat": closed, "sender": ann, "text": "x"})},
		"change of a closed":   {"/api/members", toJSON(map[string]any{"chat": closed, "by": ann, "add": []string{ann}})},
	} {
		if r := c.do(t, http.MethodPost, tc.path, tc.body); r.status != http.StatusForbidden {
			t.Errorf("%s: %d %s; want 403", name, r.status, r.body)
		}
	}
	many := make([]string, 101)
	for i := range many {
		many[i] = fmt.Sprint("m", i)
	}
	for rule, body := range map[string]map[string]any{
		"chat: must be a group's name":     {"chat": ann + ":" + bob, "by": ann, "add": []string{"x"}},
		"add and remove: must be at most":  {"chat": group, "by": ann, "add": many[:60], "remove": many[60:]},
		"remove: must not have a name":     {"chat": group, "by": ann, "add": []string{bob}, "remove": []string{strings.ToUpper(bob)}},
		"by: a member's name must not be ": {"chat": group, "add": []string{bob}},
	} {
		c.do(t, http.MethodPost, "/api/members", toJSON(body)).wantError(t, http.StatusBadRequest, "invalid_argument", rule)
	}
	if got := c.changesOf(t, group); len(got) != 1 {
		t.Errorf("the group has %+v; want nothing but its making", got)
	}
}

// A mark goes forth, never back, and never beyond what there is. Both members learn of it.
func testReadMarks(t *testing.T, c *client) {
	chat := newChat()
	doe, john, _ := strings.Cut(chat, ":")
	sent := c.sendAll(t, chat, 5)
	if unread := c.inboxOf(t, "member", john).Chats[0].Unread; unread != 5 {
		t.Errorf("%d unread; want 5", unread)
	}
	cursor := c.everything(t, doe, "", 100).NextCursor
	for _, step := range []struct{ to, stands int64 }{
		{sent[2].SendTime, sent[2].SendTime}, {sent[0].SendTime, sent[2].SendTime}, {sent[4].SendTime, sent[4].SendTime},
	} {
		if got := c.markRead(t, strings.ToUpper(chat), strings.ToUpper(john), step.to); got != (mark{chat, john, step.stands}) {
			t.Errorf("mark = %+v; want it at %d", got, step.stands)
		}
	}
	for _, n := range []news{c.everything(t, doe, cursor, 10), c.everything(t, john, cursor, 10)} {
		if len(n.Messages) != 0 || !reflect.DeepEqual(n.Reads, []mark{{chat, john, sent[4].SendTime}}) {
			t.Errorf("news = %+v; want the mark at %d", n, sent[4].SendTime)
		}
	}
	beyond := c.markRead(t, chat, doe, 1<<53)
	later := c.send(t, chat, john, "later")
	if beyond.SendTime >= later || beyond.SendTime < sent[4].SendTime {
		t.Errorf("a mark in the far future stands at %d; want it from %d to below %d", beyond.SendTime, sent[4].SendTime, later)
	}
	if list := c.membersOf(t, chat, 5); !reflect.DeepEqual(list, []string{fmt.Sprint(doe, " ", beyond.SendTime), fmt.Sprint(john, " ", sent[4].SendTime)}) {
		t.Errorf("members: %v", list)
	}
	c.do(t, http.MethodPost, "/api/read", toJSON(map[string]any{"chat": chat, "member": "x" + doe, "send_time": 1})).
		wantError(t, http.StatusBadRequest, "invalid_argument", "member: must be one of")
}
