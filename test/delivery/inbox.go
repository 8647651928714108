package delivery

import (
	"context"
	"fmt"
	"net/url"
	"time"
)

// All chats have a member in common. The checker reads this member's inbox while others
// write to the chats. At the end it reads each member's inbox in pages.

// inboxPages is the limit of these pages.
const inboxPages = 3

// An inbox is the JSON of the API.
type inbox struct {
	Chats []struct {
		Chat        string  `json:"chat"`
		LastMessage message `json:"last_message"`
	} `json:"chats"`
	HasMore    bool   `json:"has_more"`
	NextCursor string `json:"next_cursor"`
}

// lookAtInbox gets a page of a member's inbox and adds it to last. It asks until it has
// an answer, and fails when ctx is done.
func (t *Traffic) lookAtInbox(ctx context.Context, member, cursor string, limit int, last map[string]message) (p inbox, ok bool) {
	path := fmt.Sprintf("/api/chats?member=%s&cursor=%s&limit=%d", url.QueryEscape(member), url.QueryEscape(cursor), limit)
	for ; ctx.Err() == nil; t.pauseBeforeRetry(ctx) {
		began := t.now()
		err := t.client.call(ctx, "GET", path, "", nil, &p)
		if t.ended(ctx, "chats", began, err); err != nil {
			continue
		}
		for _, c := range p.Chats {
			if _, again := last[c.Chat]; again || c.LastMessage.Chat != c.Chat {
				t.anomalies.add(InboxMismatch, "%s: %s comes again, or with a message in %s", path, c.Chat, c.LastMessage.Chat)
			}
			last[c.Chat] = c.LastMessage
		}
		return p, true
	}
	return p, false
}

// watchInbox looks at the first page, which shows all chats at one moment, until all
// is sent.
func (t *Traffic) watchInbox(ctx context.Context) {
	for {
		select {
		case <-t.settled:
			return
		case <-ctx.Done():
			return
		case <-time.After(browsePause * t.cfg.Poll):
		}
		latest, last := make(map[*history]int64), make(map[string]message)
		for _, h := range t.all() {
			latest[h] = h.latest.Load()
		}
		p, ok := t.lookAtInbox(ctx, t.chats[0].members[0], "", scanLimit, last)
		for h, sendTime := range latest {
			if ok && !p.HasMore {
				h.checkInbox(last, sendTime)
			}
		}
	}
}

// checkInboxes reads the inboxes of all members to their ends, and compares them with
// the chats. It fails when ctx is done.
func (t *Traffic) checkInboxes(ctx context.Context, latest map[*history]int64) bool {
	read := make(map[string]map[string]message) // member → chat → last message
	for h, sendTime := range latest {
		for _, member := range h.members {
			if read[member] == nil {
				read[member] = make(map[string]message)
				more := inbox{HasMore: true}
				for more.HasMore {
					p, ok := t.lookAtInbox(ctx, member, more.NextCursor, inboxPages, read[member])
					if !ok {
						return false
					}
					more = p
				}
			}
			h.checkInbox(read[member], sendTime)
		}
	}
	return true
}

// checkInbox checks that an inbox has the chat. Its last message has to be one that was
// sent, and not before latest, the last known message at the time of the call.
func (h *history) checkInbox(last map[string]message, latest int64) {
	h.mu.Lock()
	defer h.mu.Unlock()
	m, shown := last[h.chat]
	if latest > 0 && m.SendTime < latest {
		h.anomalies.add(StaleRead, "%s: an inbox has it (%t) with the message of %d, though %d was known before", h.chat, shown, m.SendTime, latest)
	}
	if _, sent := h.number(m); shown && !sent {
		h.anomalies.add(Phantom, "%s: an inbox shows %.200q by %q at %d", h.chat, m.Text, m.Sender, m.SendTime)
	}
}
