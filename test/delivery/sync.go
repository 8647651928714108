package delivery

import (
	"context"
	"fmt"
	"net/url"
)

// syncReply is the JSON of the API.
type syncReply struct {
	Messages []message `json:"messages"`
	Reads    []struct {
		Chat     string `json:"chat"`
		Member   string `json:"member"`
		SendTime int64  `json:"send_time"`
	} `json:"reads"`
	HasMore    bool   `json:"has_more"`
	NextCursor string `json:"next_cursor"`
}

// look gets a page, however often it must ask, and takes it in. It fails when ctx is done.
func (d *device) look(ctx context.Context, limit int) (p syncReply, ok bool) {
	t := d.traffic
	path := fmt.Sprintf("/api/sync?member=%s&cursor=%s&limit=%d&wait_ms=%d",
		url.QueryEscape(d.member), url.QueryEscape(d.known.cursor), limit, d.wait.Milliseconds())
	for ; ctx.Err() == nil; t.pauseBeforeRetry(ctx) {
		p = syncReply{}
		page := syncPage{began: t.now(), waited: d.wait > 0}
		err := t.client.call(ctx, "GET", path, "", nil, &p)
		t.ended(ctx, "sync", page.began+d.wait, err) // a wait is not slow
		if err != nil {
			continue
		}
		if len(p.Messages) > limit || p.HasMore && p.NextCursor == d.known.cursor {
			t.anomalies.add(UnexpectedAnswer, "%s is answered with %d messages, and has_more %t leads to %q", path, len(p.Messages), p.HasMore, p.NextCursor)
		}
		page.ended, page.trouble = t.now(), t.lastTrouble()
		d.take(page, p)
		return p, true
	}
	return p, false
}

// take takes in a page.
func (d *device) take(page syncPage, p syncReply) {
	s := d.segment
	at := int32(len(s.pages))
	s.pages = append(s.pages, page)
	if !p.HasMore {
		s.ends = append(s.ends, int(at))
	}
	d.known.cursor = p.NextCursor
	for _, m := range p.Messages {
		h := d.traffic.byChat[m.Chat]
		if h == nil {
			d.traffic.anomalies.add(Phantom, "%q gets a message of %q: %.200q", d.member, m.Chat, m.Text)
			continue
		}
		h.mu.Lock()
		_, ok := h.take(m)
		h.mu.Unlock()
		if ok {
			s.got[h] = append(s.got[h], receipt{m.SendTime, at})
			d.known.last[h] = max(d.known.last[h], m.SendTime)
		}
	}
	for _, m := range p.Reads {
		h := d.traffic.byChat[m.Chat]
		if h == nil {
			d.traffic.anomalies.add(Phantom, "%q learns how far %q has read %q", d.member, m.Member, m.Chat)
			continue
		}
		where := seat{h, m.Member}
		s.told[where] = append(s.told[where], toldMark{at, m.SendTime})
		d.known.reads[where] = m.SendTime
		h.addMark(m.Member, mark{began: page.began, ended: page.ended, value: m.SendTime, outcome: acknowledged})
	}
	d.messages.Add(int64(len(p.Messages)))
	d.pages.Add(1)
}
