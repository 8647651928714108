package wait

import (
	"time"

	"example.com/im/idl/chat"
	"example.com/im/idl/gen/im"
)

// take takes in what an rpc-server tells, and wakes the readers concerned. Of commits by
// others it tells only the interval. The rpc-server that has made them may tell the
// chats in a moment: it has the grace to do so.
func (r *Room) take(news *im.WatchResponse, grace time.Duration) {
	if news.GetLost() {
		r.wakeEverybody(wokenByLoss)
	}
	for _, name := range news.Chats {
		r.wake(chat.Name(name))
	}
	for _, s := range news.Own {
		if lane := r.lane(s); lane != nil {
			lane.account(interval{s.After, s.Upto})
		}
	}
	for _, s := range news.Others {
		if lane := r.lane(s); lane != nil {
			r.doubt(lane, interval{s.After, s.Upto}, grace)
		}
	}
}

// lane returns the lane of a span, or nil if there is no such lane.
func (r *Room) lane(s *im.Span) *lane {
	if s.Lane < 0 || s.Lane >= chat.Lanes {
		return nil
	}
	return &r.lanes[s.Lane]
}

// account notes that the readers concerned by commits in i have been woken.
func (l *lane) account(i interval) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.known = l.known.add(i)
}

// doubt wakes the readers of a lane if i is not accounted for after the grace.
func (r *Room) doubt(lane *lane, i interval, grace time.Duration) {
	lane.mu.Lock()
	known := lane.known.has(i)
	lane.mu.Unlock()
	switch {
	case known:
	case grace > 0:
		time.AfterFunc(grace, func() { r.doubt(lane, i, 0) })
	default:
		lane.mu.Lock()
		lane.known = lane.known.add(i)
		r.wakeLane(lane, wokenByOthers)
		lane.mu.Unlock()
	}
}
