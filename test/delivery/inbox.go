package delivery

import (
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/url"
	"slices"
	"time"
)

// All chats have a member in common. The checker reads this member's inbox, and those of
// who comes and goes, while others write to the chats. At the end it reads each member's
// inbox in pages.

const (
	// inboxPages is the limit of these pages.
	inboxPages = 3
	// maxUnread stands for that many unread messages and more.
	maxUnread = 100
)

// A view is what was read of an inbox.
type view struct {
	member       string
	began, ended time.Duration
	latest       map[*history]int64 // the latest message acknowledged before, of each chat
	shown        map[*history]glance
	whole        bool   // it shows all chats
	cursor       string // of the sync that goes on from its first page
}

// A glance is what an inbox shows of a chat.
type glance struct {
	sendTime int64 // of the last message
	read     int64
	unread   int
}

// An inbox is the JSON of the API.
type inbox struct {
	Chats []struct {
		Chat        string  `json:"chat"`
		LastMessage message `json:"last_message"`
		Unread      int     `json:"unread"`
		Read        int64   `json:"read"`
	} `json:"chats"`
	HasMore    bool   `json:"has_more"`
	NextCursor string `json:"next_cursor"`
	SyncCursor string `json:"sync_cursor"`
}

// newView begins to read an inbox.
func (t *Traffic) newView(member string) *view {
	v := &view{member: member, began: t.now(), latest: make(map[*history]int64), shown: make(map[*history]glance)}
	for _, h := range t.all() {
		v.latest[h] = h.latest.Load()
	}
	return v
}

// lookAtInbox gets a page of an inbox and adds it to a view. It asks until it has an
// answer, and fails when ctx is done.
func (t *Traffic) lookAtInbox(ctx context.Context, v *view, cursor string, limit int) (p inbox, ok bool) {
	path := fmt.Sprintf("/api/chats?member=%s&cursor=%s&limit=%d", url.QueryEscape(v.member), url.QueryEscape(cursor), limit)
	for ; ctx.Err() == nil; t.pauseBeforeRetry(ctx) {
		began := t.now()
		p = inbox{}
		err := t.client.call(ctx, "GET", path, "", nil, &p)
		if t.ended(ctx, "chats", began, err); err != nil {
			continue
		}
		v.ended, v.whole = t.now(), !p.HasMore
		if cursor == "" {
			v.cursor = p.SyncCursor
		}
		for _, c := range p.Chats {
			h := t.byChat[c.Chat]
			if h == nil {
				t.anomalies.add(Phantom, "%s: there is no chat %q", path, c.Chat)
				continue
			}
			if _, again := v.shown[h]; again || c.LastMessage.Chat != c.Chat {
				t.anomalies.add(InboxMismatch, "%s: %s comes again, or with a message in %s", path, c.Chat, c.LastMessage.Chat)
			}
			v.shown[h] = h.glance(c.LastMessage, c.Read, c.Unread)
			h.addMark(v.member, mark{began: began, ended: v.ended, value: c.Read, outcome: acknowledged})
		}
		return p, true
	}
	return p, false
}

// glance takes in what an inbox shows of the chat.
func (h *history) glance(m message, read int64, unread int) glance {
	h.mu.Lock()
	defer h.mu.Unlock()
	if _, sent := h.number(m); !sent {
		h.anomalies.add(Phantom, "%s: an inbox shows %.200q by %q at %d", h.chat, m.Text, m.Sender, m.SendTime)
	}
	return glance{m.SendTime, read, unread}
}

// watchInbox looks at first pages, which show all chats at one moment, until all is sent.
func (t *Traffic) watchInbox(ctx context.Context, r *rand.Rand) {
	for {
		select {
		case <-t.settled:
			return
		case <-ctx.Done():
			return
		case <-time.After(browsePause * t.cfg.Poll):
		}
		member := t.chats[0].members[0]
		if len(t.goers) > 0 && r.IntN(2) == 0 {
			member = t.goers[r.IntN(len(t.goers))]
		}
		v := t.newView(member)
		if _, ok := t.lookAtInbox(ctx, v, "", scanLimit); ok {
			t.addView(v)
		}
	}
}

// addView keeps what was read of an inbox, for the check at the end.
func (t *Traffic) addView(v *view) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.views = append(t.views, v)
}

// readInboxes reads the inboxes of all members to their ends. It fails when ctx is done.
// latest has the last message of each chat.
func (t *Traffic) readInboxes(ctx context.Context, latest map[*history]int64) bool {
	members := make(map[string]bool)
	for _, h := range t.all() {
		for _, member := range h.members {
			members[member] = true
		}
	}
	for _, member := range slices.Sorted(maps.Keys(members)) {
		v := t.newView(member)
		v.latest = latest
		for more := (inbox{HasMore: true}); more.HasMore; {
			p, ok := t.lookAtInbox(ctx, v, more.NextCursor, inboxPages)
			if !ok {
				return false
			}
			more = p
		}
		t.addView(v)
	}
	return true
}

// checkView checks that an inbox has the chat if it is the member's. Its last message has
// to be no older than the latest that was known before, and in the member's stay. As many
// messages have to be unread as the scan counts up to there.
func (r *record) checkView(v *view) {
	g, shown := v.shown[r.history]
	latest := v.latest[r.history]
	if !shown {
		if v.whole && latest > 0 && r.hadAllTheTime(v.member, v.began, v.ended) {
			r.anomalies.add(StaleRead, "%s: the inbox of %q lacks it, though %d was known before", r.chat, v.member, latest)
		}
		return
	}
	if g.sendTime < latest {
		r.anomalies.add(StaleRead, "%s: an inbox has it with the message of %d, though %d was known before", r.chat, g.sendTime, latest)
	}
	since := g.read
	if r.isGroup() {
		s, is := r.stayAt(v.member, g.sendTime)
		if !is {
			r.anomalies.add(OutsideStay, "%s: the inbox of %q shows the message of %d", r.chat, v.member, g.sendTime)
			return
		}
		since = max(since, s.joined-1)
	}
	if want := r.unread(v.member, since, g.sendTime); g.unread != want {
		r.anomalies.add(UnreadMismatch, "%s: the inbox of %q says that %d are unread from %d to %d; the scan counts %d",
			r.chat, v.member, g.unread, since, g.sendTime, want)
	}
}

// unread counts the messages by others after a time, up to another.
func (r *record) unread(member string, after, upTo int64) (n int) {
	for _, e := range r.log[min(before(r.log, after+1), before(r.log, upTo+1)):before(r.log, upTo+1)] {
		if r.sender(e.number) != member {
			if n++; n == maxUnread {
				break
			}
		}
	}
	return n
}
