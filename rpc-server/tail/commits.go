package tail

import (
	"cmp"
	"slices"

	"example.com/im/idl/chat"
	"example.com/im/rpc-server/store"
)

// Begin notes that a commit of these sends is about to begin.
func (t *Tail) Begin(sends []*store.Send) {
	if t.limit == 0 {
		return
	}
	touched, _ := byLane(sends, false)
	for id := range touched {
		if touched[id] {
			t.lanes[id].begin()
		}
	}
}

// End notes that a commit has ended, with its error. The sequencer calls it before it
// answers the commit's callers, so memory holds whatever they know. After an error
// memory knows nothing of the commit. If it was stored after all, the lane reads show
// it.
func (t *Tail) End(sends []*store.Send, err error) {
	if t.limit == 0 {
		return
	}
	touched, stored := byLane(sends, err == nil)
	for id := range touched {
		if touched[id] {
			t.lanes[id].end(stored[id])
		}
	}
	t.shrink()
}

// byLane returns the lanes of the sends, and the messages that the commit has stored in
// each.
func byLane(sends []*store.Send, committed bool) (touched [chat.Lanes]bool, stored [chat.Lanes][]*store.Send) {
	for _, s := range sends {
		id := s.Chat.Lane()
		touched[id] = true
		if committed && s.Outcome == store.Stored {
			stored[id] = append(stored[id], s)
		}
	}
	return touched, stored
}

// begin notes that a commit is in flight.
func (l *lane) begin() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.inFlight++
}

// end notes that a commit has ended, and what it has stored in the lane.
func (l *lane) end(stored []*store.Send) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(stored) > 0 {
		l.add(stored)
	}
	l.inFlight--
	if l.ended != nil {
		close(l.ended)
		l.ended = nil
	}
}

// add adds what one commit has stored in the lane to the entries of its chats. If the
// commit does not begin at complete, another instance has stored messages between the
// two, and the lane is forgotten.
func (l *lane) add(stored []*store.Send) {
	slices.SortFunc(stored, func(a, b *store.Send) int { return cmp.Compare(a.SendTime, b.SendTime) })
	if stored[0].LaneWas != l.complete {
		l.forget()
	}
	l.complete = stored[len(stored)-1].SendTime
	for _, s := range stored {
		if e := l.chats[s.Chat]; e != nil && !s.IsMark() {
			l.addTo(e, s.Message)
		}
	}
}

// addTo adds m to e. While e is being loaded nothing of it may be cut, because the page
// under way may be older. So e is dropped if it grows too large meanwhile.
func (l *lane) addTo(e *entry, m store.Message) {
	before := e.bytes
	e.add(m)
	if e.full() && e.readable {
		e.cut()
	}
	l.counts.grow(0, e.bytes-before)
	if e.full() {
		l.drop(e)
	}
}
