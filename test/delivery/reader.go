package delivery

import (
	"context"
	"math/rand/v2"
	"time"
)

const (
	// followLimit is the largest page that a follower asks for, scanLimit that of
	// the scan at the end.
	followLimit = 50
	scanLimit   = 1000

	// browsePages is how many pages back a browser goes, and browsePause, in
	// looks of a follower, how long it then rests.
	browsePages = 4
	browsePause = 20
)

// follow reads a chat by next_cursor alone, until it has read all that was sent.
func (t *Traffic) follow(ctx context.Context, h *history, r *rand.Rand) {
	if !t.awaitMade(ctx, h) {
		return
	}
	q := query{chat: h.chat}
	for last := false; ; {
		q.limit = 1 + r.IntN(followLimit)
		entries, p, ok := t.look(ctx, h, q)
		if !ok {
			return
		}
		h.reads.Add(int64(len(entries)))
		if q.cursor = p.NextCursor; p.HasMore {
			continue
		}
		if last {
			return
		}
		select {
		case <-t.settled:
			last = true // the next page without more is the end
		case <-time.After(t.cfg.Poll):
		case <-ctx.Done():
			return
		}
	}
}

// browse reads a chat as people do who scroll: back from its newest message, and
// from somewhere in either direction, until all is sent.
func (t *Traffic) browse(ctx context.Context, h *history, r *rand.Rand) {
	if !t.awaitMade(ctx, h) {
		return
	}
	for {
		select {
		case <-t.settled:
			return
		case <-ctx.Done():
			return
		case <-time.After(browsePause * t.cfg.Poll):
		}
		q := query{chat: h.chat, limit: 1 + r.IntN(followLimit), reverse: true}
		if latest := h.latest.Load(); latest > 0 && r.IntN(2) == 0 {
			q.cursor = latest - r.Int64N(int64(time.Minute/time.Microsecond))
			q.reverse = r.IntN(2) == 0
		}
		for range browsePages {
			_, p, ok := t.look(ctx, h, q)
			if !ok {
				return
			}
			if !p.HasMore {
				break
			}
			q.cursor = p.NextCursor
		}
		if r.IntN(browsePages) == 0 && !t.readMembers(ctx, h, false) {
			return
		}
	}
}

// scan reads a chat from one end to the other.
func (t *Traffic) scan(ctx context.Context, h *history, reverse bool) (entries []entry, ok bool) {
	q := query{chat: h.chat, limit: scanLimit, reverse: reverse}
	for {
		more, p, ok := t.look(ctx, h, q)
		entries = append(entries, more...)
		if !ok || !p.HasMore {
			return entries, ok
		}
		q.cursor = p.NextCursor
	}
}

// look gets a page, however often it must ask, and takes it into the history.
// It fails when ctx is done.
func (t *Traffic) look(ctx context.Context, h *history, q query) ([]entry, page, bool) {
	for ctx.Err() == nil {
		began, latest := t.now(), h.latest.Load()
		p, err := t.client.pull(ctx, q)
		t.ended(ctx, "pull", began+q.wait, err) // a wait is not slow
		if err == nil {
			t.woke(h, q, began)
			return h.saw(q, p, latest), p, true
		}
		t.pauseBeforeRetry(ctx)
	}
	return nil, page{}, false
}
