package delivery

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"time"
)

// A list is who is in a chat, as its pages say.
type list struct {
	began, ended time.Duration
	members      []string
	last         bool // it was read when nobody changed anything any more
}

// listLimit is the limit of these pages.
const listLimit = 4

// readMembers reads the list of a chat's members to its end. It asks until it has an
// answer, and fails when ctx is done.
func (t *Traffic) readMembers(ctx context.Context, h *history, last bool) bool {
	l := list{began: t.now(), last: last}
	for cursor := ""; ctx.Err() == nil; {
		var page struct {
			Members []struct {
				Member string `json:"member"`
				Read   int64  `json:"read"`
			} `json:"members"`
			HasMore    bool   `json:"has_more"`
			NextCursor string `json:"next_cursor"`
		}
		path := fmt.Sprintf("/api/members?chat=%s&cursor=%s&limit=%d", url.QueryEscape(h.chat), url.QueryEscape(cursor), listLimit)
		began := t.now()
		err := t.client.call(ctx, "GET", path, "", nil, &page)
		if t.ended(ctx, "members", began, err); err != nil {
			t.pauseBeforeRetry(ctx)
			continue
		}
		for _, m := range page.Members {
			l.members = append(l.members, m.Member)
			h.addMark(m.Member, mark{began: began, ended: t.now(), value: m.Read, outcome: acknowledged})
		}
		if cursor = page.NextCursor; page.HasMore && cursor != "" {
			continue
		}
		l.ended = t.now()
		h.mu.Lock()
		defer h.mu.Unlock()
		h.lists = append(h.lists, l)
		return true
	}
	return false
}

// checkLists checks the lists of members. after is the send_time of a message that was
// there before the last one was read: later changes may be in it, or not.
func (r *record) checkLists(after int64) {
	for _, l := range r.lists {
		if !slices.IsSorted(l.members) || len(slices.Compact(slices.Clone(l.members))) < len(l.members) {
			r.anomalies.add(MembersMismatch, "%s: %q are not in order", r.chat, l.members)
		}
		if l.last {
			r.checkLastList(l, after)
			continue
		}
		for _, name := range r.members {
			if r.hadAllTheTime(name, l.began, l.ended) && !slices.Contains(l.members, name) {
				r.anomalies.add(MembersMismatch, "%s: %q are listed without %q", r.chat, l.members, name)
			}
		}
	}
}

// checkLastList checks a list that shows one moment.
func (r *record) checkLastList(l list, after int64) {
	var want []string
	for _, e := range append([]entry{{sendTime: after}}, r.log[before(r.log, after+1):]...) {
		if want = r.membersAt(e.sendTime); slices.Equal(l.members, want) {
			return
		}
	}
	r.anomalies.add(MembersMismatch, "%s: %q are listed; want %q", r.chat, l.members, want)
}

// membersAt returns who is in the chat after the message at a time, in the order of
// their names.
func (r *record) membersAt(sendTime int64) (in []string) {
	if !r.isGroup() {
		return slices.Sorted(slices.Values(r.members))
	}
	for name := range r.stays {
		if _, is := r.stayAt(name, sendTime); is {
			in = append(in, name)
		}
	}
	slices.Sort(in)
	return in
}
