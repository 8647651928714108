package test

import (
	"fmt"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"testing"

	"golang.org/x/sync/errgroup"
)

// inbox and inboxChat are the JSON of the API.
type inbox struct {
	Chats      []inboxChat `json:"chats"`
	HasMore    bool        `json:"has_more"`
	NextCursor string      `json:"next_cursor"`
	SyncCursor string      `json:"sync_cursor"`
}

type inboxChat struct {
	Chat        string  `json:"chat"`
	LastMessage message `json:"last_message"`
	Unread      int     `json:"unread"`
	Read        int64   `json:"read"`
}

// inboxOf gets a page of an inbox; params are names and values by turns.
func (c *client) inboxOf(t testing.TB, params ...any) inbox {
	t.Helper()
	var i inbox
	c.do(t, http.MethodGet, "/api/chats?"+query(params...), "").decode(t, http.StatusOK, &i)
	return i
}

// wholeInbox reads an inbox by next_cursor alone.
func (c *client) wholeInbox(t testing.TB, member string, limit int) (all []inboxChat) {
	t.Helper()
	for cursor := ""; ; {
		i := c.inboxOf(t, "member", member, "limit", limit, "cursor", cursor)
		if len(i.Chats) > limit || i.HasMore != (i.NextCursor != "") || i.HasMore && len(i.Chats) < limit {
			t.Fatalf("limit %d: inbox = %+v", limit, i)
		}
		all = append(all, i.Chats...)
		if cursor = i.NextCursor; !i.HasMore {
			return all
		}
	}
}

// A member's chats come with their last messages, the newest first, at whatever
// size of page, and through whichever gateway.
func testInbox(t *testing.T, c *client) {
	const others = 7
	doe, john, _ := strings.Cut(newChat(), ":")
	if i := c.inboxOf(t, "member", doe); len(i.Chats) != 0 || i.HasMore || i.NextCursor != "" {
		t.Errorf("before the first message: %+v; want none", i)
	}
	var want []inboxChat // oldest first
	for n := range others {
		sent := c.sendAll(t, fmt.Sprintf("%s:%s-%d", doe, john, n), 1+n%3)
		want = append(want, inboxChat{Chat: sent[0].Chat, LastMessage: sent[len(sent)-1]})
	}
	notes := c.sendAll(t, doe+":"+doe, 2)
	want = append(want, inboxChat{Chat: notes[1].Chat, LastMessage: notes[1]})
	moved := c.sendAll(t, want[2].Chat, 1)
	want = append(append(want[:2:2], want[3:]...), inboxChat{Chat: moved[0].Chat, LastMessage: moved[0]})
	slices.Reverse(want)
	for limit := 1; limit <= len(want)+1; limit++ {
		if got := c.wholeInbox(t, doe, limit); !reflect.DeepEqual(got, want) {
			t.Fatalf("limit %d: chats = %+v; want %+v", limit, got, want)
		}
	}
	if i := c.inboxOf(t, "member", john+"-3"); len(i.Chats) != 1 || i.Chats[0].LastMessage.Sender != doe {
		t.Errorf("inbox of another member = %+v; want one chat", i)
	}
	if r := c.do(t, http.MethodGet, "/api/chats?member="+john, ""); !strings.HasPrefix(string(r.body), `{"chats":[],"has_more":false,"next_cursor":"",`) {
		t.Errorf("inbox of nobody = %s; want a list that is empty, not null", r.body)
	}
}

// What was acknowledged is in the next inbox, through any gateway, of each member.
func testInboxFresh(t *testing.T, c *client) {
	doe, john, _ := strings.Cut(newChat(), ":")
	for n := range 30 {
		chat := fmt.Sprintf("%s:%s-%d", doe, john, n%10)
		sent := c.send(t, chat, doe, fmt.Sprint(n))
		for member := range strings.SplitSeq(chat, ":") {
			if i := c.inboxOf(t, "member", member, "limit", 1); len(i.Chats) != 1 || i.Chats[0].LastMessage.SendTime != sent {
				t.Fatalf("inbox of %s = %+v; want %s with the message of %d", member, i, chat, sent)
			}
		}
	}
}

// First messages that come to many chats at once put each chat into the inbox once.
func testInboxOfConcurrentSends(t *testing.T, c *client) {
	const chats, each = 40, 3
	doe, john, _ := strings.Cut(newChat(), ":")
	replies := make([]reply, chats*each)
	var g errgroup.Group
	g.SetLimit(16)
	for i := range replies {
		g.Go(func() (err error) {
			replies[i], err = c.post(t.Context(), fmt.Sprintf("%s:%s-%d", john, doe, i%chats), john, "x")
			return err
		})
	}
	if err := g.Wait(); err != nil {
		t.Fatal(err)
	}
	last := make(map[string]int64)
	for _, r := range replies {
		sent := r.sent(t)
		last[sent.Chat] = max(last[sent.Chat], sent.SendTime)
	}
	for _, i := range c.wholeInbox(t, john, 9) {
		if last[i.Chat] != i.LastMessage.SendTime {
			t.Errorf("%s is there again, or with the message of %d; want %d", i.Chat, i.LastMessage.SendTime, last[i.Chat])
		}
		delete(last, i.Chat)
	}
	if len(last) > 0 {
		t.Errorf("%d chats are not in the inbox", len(last))
	}
}

// A page of an inbox ends before its texts pass 1 MiB, too.
func testInboxBytes(t *testing.T, c *client) {
	const perPage, extra = 64, 3
	doe, john, _ := strings.Cut(newChat(), ":")
	for n := range perPage + extra {
		c.send(t, fmt.Sprintf("%s:%s-%d", doe, john, n), doe, strings.Repeat("x", 16_384))
	}
	first := c.inboxOf(t, "member", doe, "limit", 1_000)
	if len(first.Chats) != perPage || !first.HasMore {
		t.Errorf("%d chats, has_more %v; want %d, true", len(first.Chats), first.HasMore, perPage)
	}
	rest := c.inboxOf(t, "member", doe, "limit", 1_000, "cursor", first.NextCursor)
	if len(rest.Chats) != extra || rest.HasMore || rest.NextCursor != "" {
		t.Errorf("%d chats, has_more %v; want %d, false", len(rest.Chats), rest.HasMore, extra)
	}
}
