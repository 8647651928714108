package wait

import (
	"sync"
	"time"

	"example.com/im/idl/chat"
	"example.com/im/idl/gen/im"
)

// take takes in what an rpc-server tells, and wakes the readers concerned. Of commits by
// others it tells only the interval. The rpc-server that has made them may tell the
// chats in a moment: it has the grace to do so.
func (r *Room) take(news *im.WatchResponse, grace time.Duration) {
	if news.GetLost() {
		r.wake(wokenByLoss, everything())
	}
	for _, name := range news.Chats {
		r.wake(wokenByNews, ofMessages(chat.Name(name)))
	}
	for _, name := range news.Read_ {
		r.wake(wokenByNews, ofMark(chat.Name(name)))
	}
	for _, member := range news.Added {
		r.wake(wokenByNews, []topic{{person, member}})
	}
	for _, s := range news.Own {
		if known := r.accountsOf(s); known != nil {
			known.note(interval{s.After, s.Upto})
		}
	}
	for _, s := range news.Others {
		r.doubt(s, grace)
	}
}

// doubt wakes the readers whose chats a span may concern, if it is not accounted for after
// the grace.
func (r *Room) doubt(s *im.Span, grace time.Duration) {
	known := r.accountsOf(s)
	if known == nil || known.have(interval{s.After, s.Upto}) {
		return
	}
	if grace > 0 {
		time.AfterFunc(grace, func() { r.doubt(s, 0) })
		return
	}
	known.note(interval{s.After, s.Upto})
	r.wake(wokenByOthers, []topic{ofLane(int(s.Lane)), {kind: anyLane}})
}

// accountsOf returns what is accounted for of a span's lane, or nil if there is no such
// lane.
func (r *Room) accountsOf(s *im.Span) *accounts {
	if s.Lane < 0 || s.Lane >= chat.Lanes {
		return nil
	}
	return &r.lanes[s.Lane]
}

// accounts are the intervals of a lane that are accounted for.
type accounts struct {
	mu    sync.Mutex
	known intervals
}

// have reports whether i is accounted for.
func (a *accounts) have(i interval) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.known.has(i)
}

// note accounts for i.
func (a *accounts) note(i interval) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.known = a.known.add(i)
}
