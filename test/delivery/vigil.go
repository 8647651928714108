package delivery

import (
	"context"
	"math/rand/v2"
	"time"
)

// In a busy chat the next message hides that a reader was not woken. So there are quiet
// chats, too: a message comes in about the time after which a reader that waits for it
// counts as forgotten.

// vigilWait is for how long such a reader waits at a time.
func vigilWait(late time.Duration) time.Duration { return 2 * late }

// startVigils starts a sender and a reader for each of the quiet chats.
func (t *Traffic) startVigils(ctx context.Context) {
	for i, h := range t.vigils {
		pause := func(stream int) func() time.Duration {
			r := t.rand(stream)
			return func() time.Duration { return t.cfg.Late/2 + time.Duration(r.Int64N(int64(t.cfg.Late))) }
		}
		at := vigilStreams + 5*i
		senders := []*sender{t.newSender(h, at, pause(at+1))}
		if h.isGroup() {
			senders = append(senders, t.newChanger(h, at+2, pause(at+3)))
		}
		for _, s := range senders {
			t.senders.Go(func() { s.run(ctx) })
		}
		reader := t.rand(at + 4)
		t.readers.Go(func() { t.keepVigil(ctx, h, reader) })
	}
}

// keepVigil reads a chat by waits alone. When nothing more is sent, it reads the rest.
func (t *Traffic) keepVigil(ctx context.Context, h *history, r *rand.Rand) {
	if !t.awaitMade(ctx, h) {
		return
	}
	waiting, end := t.untilSettled(ctx)
	defer end()
	q := query{chat: h.chat, wait: vigilWait(t.cfg.Late)}
	for {
		q.limit = 1 + r.IntN(followLimit)
		entries, p, ok := t.look(waiting, h, q)
		switch {
		case ok:
			h.reads.Add(int64(len(entries)))
			q.cursor = p.NextCursor
			if q.wait == 0 && !p.HasMore {
				return
			}
		case q.wait == 0 || ctx.Err() != nil:
			return
		default:
			waiting, q.wait = ctx, 0
		}
	}
}

// woke takes in that a wait has ended.
func (t *Traffic) woke(h *history, q query, began time.Duration) {
	if q.wait > 0 {
		h.checkWake(q, began, t.now(), t.lastTrouble(), t.cfg.Late)
	}
}

// checkWake checks a wait that lasted from began to ended: no message for the reader
// may have been acknowledged too long before its end. Messages from before the latest
// trouble do not count, because trouble can end a wait, too.
func (h *history) checkWake(q query, began, ended, trouble, late time.Duration) {
	h.mu.Lock()
	defer h.mu.Unlock()
	earliest, number := ended, none // when there was something to get
	for n, s := range h.sends {
		if s.outcome == acknowledged && s.sendTime >= q.cursor && s.ended < earliest {
			earliest, number = s.ended, n
		}
	}
	if number == none {
		return
	}
	from := max(earliest, began)
	if earliest > began {
		h.wakes = append(h.wakes, ended-from)
	}
	if ended-from > late && trouble < from {
		h.anomalies.add(LateWakeUp, "%s: %v was answered %v after message %d was acknowledged", h.chat, q, ended-from, number)
	}
}
