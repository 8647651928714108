package test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"
)

// mark and news are the JSON of the API.
type mark struct {
	Chat     string `json:"chat"`
	Member   string `json:"member"`
	SendTime int64  `json:"send_time"`
}

type news struct {
	Messages   []change `json:"messages"`
	Reads      []mark   `json:"reads"`
	HasMore    bool     `json:"has_more"`
	NextCursor string   `json:"next_cursor"`
}

// texts returns the texts of the messages, in order.
func (n news) texts() string {
	var all []string
	for _, m := range n.Messages {
		all = append(all, m.Text)
	}
	return strings.Join(all, " ")
}

// sync gets what is new; params are names and values by turns.
func (c *client) sync(t testing.TB, params ...any) (n news) {
	t.Helper()
	c.do(t, http.MethodGet, "/api/sync?"+query(params...), "").decode(t, http.StatusOK, &n)
	return n
}

// everything follows the chain of cursors to its end.
func (c *client) everything(t testing.TB, member, cursor string, limit int) (all news) {
	t.Helper()
	all.NextCursor = cursor
	for {
		n := c.sync(t, "member", member, "cursor", all.NextCursor, "limit", limit)
		if len(n.Messages) > limit || n.HasMore && n.NextCursor == all.NextCursor {
			t.Fatalf("limit %d from %q: %+v", limit, all.NextCursor, n)
		}
		all.Messages, all.Reads = append(all.Messages, n.Messages...), append(all.Reads, n.Reads...)
		if all.NextCursor = n.NextCursor; !n.HasMore {
			return all
		}
	}
}

// Along a chain of cursors each message of each chat comes once, those of a chat in
// order, whatever the size of pages and through whichever gateway. An inbox's
// sync_cursor goes on with what its page does not show.
func testSync(t *testing.T, c *client) {
	doe, john, _ := strings.Cut(newChat(), ":")
	var want []int64
	for i := range 30 {
		want = append(want, c.send(t, fmt.Sprintf("%s:%s-%d", doe, john, i%7), doe, fmt.Sprint(i)))
	}
	for limit := range 4 {
		all := c.everything(t, strings.ToUpper(doe), "", 1+limit*5)
		last := map[string]int64{}
		var got []int64
		for _, m := range all.Messages {
			if m.SendTime <= last[m.Chat] {
				t.Errorf("%d comes after %d in %s", m.SendTime, last[m.Chat], m.Chat)
			}
			last[m.Chat] = m.SendTime
			got = append(got, m.SendTime)
		}
		if slices.Sort(got); !slices.Equal(got, want) {
			t.Errorf("by %d: %v; want %v", 1+limit*5, got, want)
		}
	}
	inbox := c.inboxOf(t, "member", doe)
	sent := c.send(t, doe+":"+john+"-3", doe, "later")
	if n := c.sync(t, "member", doe, "cursor", inbox.SyncCursor); n.texts() != "later" || n.Messages[0].SendTime != sent || n.HasMore {
		t.Errorf("after the inbox: %+v; want what was sent later", n)
	}
	if page := c.inboxOf(t, "member", doe, "limit", 2, "cursor", c.inboxOf(t, "member", doe, "limit", 2).NextCursor); page.SyncCursor != "" {
		t.Errorf("a later page has the sync_cursor %q", page.SyncCursor)
	}
	for _, bad := range []string{"x", "AgAA", inbox.NextCursor + "A", strings.Repeat("A", 1025)} {
		c.do(t, http.MethodGet, "/api/sync?"+query("member", doe, "cursor", bad), "").wantError(t, http.StatusBadRequest, "invalid_argument", "cursor: ")
	}
}

// What was acknowledged before a sync is in it, through any gateway, for both members.
func testSyncFresh(t *testing.T, c *client) {
	chat := newChat()
	doe, john, _ := strings.Cut(chat, ":")
	cursors := map[string]string{}
	for i := range 20 {
		text := fmt.Sprint(i)
		c.send(t, chat, doe, text)
		for _, member := range []string{doe, john} {
			n := c.sync(t, "member", member, "cursor", cursors[member])
			if n.texts() != text || n.HasMore {
				t.Errorf("%s learns %+v; want %s", member, n, text)
			}
			cursors[member] = n.NextCursor
		}
	}
}

// A waiting sync is answered by a message, by a mark, and by the change that brings its
// member into a group. A wait in vain gives a cursor as well.
func testWaitingSyncs(t *testing.T, c *client) {
	chat := newChat()
	doe, john, _ := strings.Cut(chat, ":")
	group := "g" + doe
	sent := c.send(t, chat, doe, "first")
	cursor := c.everything(t, john, "", 100).NextCursor
	for name, act := range map[string]func(){
		"message": func() { c.send(t, chat, doe, "second") },
		"mark":    func() { c.markRead(t, chat, doe, sent) },
		"group":   func() { c.changeMembers(t, group, doe, []string{john}, nil) },
	} {
		got := make(chan news, 1)
		go func() {
			var n news
			r, err := c.call(t.Context(), http.MethodGet, "/api/sync?"+query("member", john, "cursor", cursor, "wait_ms", waitMs), "")
			if err != nil {
				t.Error(err)
			}
			if err := strictly(r.body, &n); err != nil {
				t.Errorf("%v: %.300s", err, r.body)
			}
			got <- n
		}()
		time.Sleep(100 * time.Millisecond) // it waits, most likely
		begin := time.Now()
		act()
		n := <-got
		if took := time.Since(begin); took > patience || len(n.Messages)+len(n.Reads) != 1 || n.HasMore {
			t.Errorf("%s: %+v after %v", name, n, took)
		}
		cursor = n.NextCursor
	}
	begin := time.Now()
	n := c.sync(t, "member", john, "cursor", cursor, "wait_ms", 500)
	if took := time.Since(begin); took < 500*time.Millisecond || len(n.Messages)+len(n.Reads) != 0 || n.HasMore || n.NextCursor == "" {
		t.Errorf("in vain: %+v after %v; want nothing, after half a second", n, took)
	}
}
