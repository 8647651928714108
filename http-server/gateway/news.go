package gateway

import (
	"time"

	"example.com/im/idl/chat"
	"example.com/im/idl/gen/im"
)

// take takes in what an rpc-server tells, and wakes whom it concerns. What others
// are said to have written, another one may tell of in a moment, and more exactly:
// for that there is a grace.
func (w *waits) take(news *im.WatchResponse, grace time.Duration) {
	if news.GetLost() {
		w.wakeEverybody(wokenByLoss)
	}
	for _, name := range news.Chats {
		w.wake(chat.Name(name))
	}
	for _, s := range news.Own {
		if lane := w.lane(s); lane != nil {
			lane.account(span{s.After, s.Upto})
		}
	}
	for _, s := range news.Others {
		if lane := w.lane(s); lane != nil {
			w.doubt(lane, span{s.After, s.Upto}, grace)
		}
	}
}

// lane returns the lane of a span, or nil if there is no such lane.
func (w *waits) lane(s *im.Span) *waitingLane {
	if s.Lane < 0 || s.Lane >= chat.Lanes {
		return nil
	}
	return &w.lanes[s.Lane]
}

// account notes that who waits for what was written in s is awake.
func (l *waitingLane) account(s span) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.known = l.known.add(s)
}

// doubt wakes the readers of a lane, if s is not accounted for after the grace.
func (w *waits) doubt(lane *waitingLane, s span, grace time.Duration) {
	lane.mu.Lock()
	known := lane.known.has(s)
	lane.mu.Unlock()
	switch {
	case known:
	case grace > 0:
		time.AfterFunc(grace, func() { w.doubt(lane, s, 0) })
	default:
		lane.mu.Lock()
		lane.known = lane.known.add(s)
		w.wakeLane(lane, wokenByOthers)
		lane.mu.Unlock()
	}
}
