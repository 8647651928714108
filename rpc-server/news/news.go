package news

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	"example.com/im/idl/chat"
	"example.com/im/rpc-server/store"
)

// What ends a call without news.
var (
	// ErrStopped: the instance is stopping.
	ErrStopped = errors.New("the instance tells no news any more")
	// ErrNoLanes: the lanes have not been read yet. Before that nothing tells what
	// others do.
	ErrNoLanes = errors.New("the lanes could not be read")
)

// Interval is a part of a lane's time: the messages in it are later than After, and not
// later than Upto, in microseconds since 1970.
type Interval struct {
	Lane        int
	After, Upto int64
}

// News are the latest commits. It is safe for concurrent use.
type News struct {
	laneReads store.LaneReads
	counted   func(error) // is told of each lane read

	watchers atomic.Int64
	stopped  chan struct{}
	stopOnce sync.Once

	mu       sync.Mutex
	ring     ring
	added    chan struct{} // closed when there is news, or the lanes are known; nil if nobody waits
	known    store.Lanes   // up to where each lane is in the ring, or was before it
	isKnown  bool
	inFlight [chat.Lanes]bool // the lanes of the commit in flight
}

// New returns the News of an instance. It reads the lanes with the given function, such
// as [store.Store.Lanes], and calls counted with the error of each read.
func New(lanes func() (store.Lanes, error), counted func(error)) *News {
	n := &News{
		counted: counted,
		stopped: make(chan struct{}),
		ring:    ring{epoch: 1 + rand.Int64N(1<<62)},
	}
	n.laneReads = store.LaneReads{Read: lanes, Learn: n.learn, Pause: pause}
	return n
}

// Watchers returns how many calls of [News.Watch] wait.
func (n *News) Watchers() int { return int(n.watchers.Load()) }

// Stop ends all calls of [News.Watch], also later ones, with [ErrStopped].
func (n *News) Stop() { n.stopOnce.Do(func() { close(n.stopped) }) }

// Begin notes that a commit of this instance is about to begin. Until its end a lane
// read may show its lanes moved, and not by others.
func (n *News) Begin(sends []*store.Send) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, s := range sends {
		n.inFlight[s.Chat.Lane()] = true
	}
}

// End takes in what a commit has stored, if its error is nil. A lane read shows a
// commit whose outcome is not known, just as it shows those of others.
func (n *News) End(sends []*store.Send, err error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	clear(n.inFlight[:])
	if err != nil {
		return
	}
	var intervals [chat.Lanes]Interval
	for _, s := range sends {
		if s.Outcome != store.Stored {
			continue
		}
		lane := s.Chat.Lane()
		if intervals[lane].Upto == 0 {
			n.foundMoved(lane, s.LaneWas)
		}
		intervals[lane] = Interval{lane, s.LaneWas, max(intervals[lane].Upto, s.SendTime)}
		n.addSend(s)
	}
	for lane, interval := range intervals {
		if interval.Upto != 0 { // after its chats, so that no watcher knows it without them
			n.ring.add(entry{kind: movedLane, interval: interval})
			n.known[lane] = max(n.known[lane], interval.Upto)
		}
	}
	n.tell()
}

// addSend adds the news of a send that is stored.
func (n *News) addSend(s *store.Send) {
	if s.IsMark() {
		n.ring.add(entry{kind: readOn, chat: s.Chat})
		return
	}
	n.ring.add(entry{kind: gotMessage, chat: s.Chat})
	added, _ := s.Change.Names()
	for _, member := range added {
		n.ring.add(entry{kind: came, member: member})
	}
}

// foundMoved takes in that others have moved a lane up to a time, if they have.
func (n *News) foundMoved(lane int, at int64) {
	if n.isKnown && at > n.known[lane] {
		n.ring.add(entry{kind: othersMoved, interval: Interval{lane, n.known[lane], at}})
		n.known[lane] = at
	}
}

// tell wakes the watchers.
func (n *News) tell() {
	if n.added != nil {
		close(n.added)
		n.added = nil
	}
}

// Place is the position up to which a watcher knows the news. The zero Place is that of
// a watcher who knows nothing.
type Place struct{ Epoch, Position int64 }

// Watch returns what has happened since a place as soon as that is anything, or nothing
// after the wait. With others it has the lanes read until it returns. Its error is
// [ErrStopped], [ErrNoLanes] or ctx's.
func (n *News) Watch(ctx context.Context, since Place, wait time.Duration, others bool) (Answer, error) {
	n.watchers.Add(1)
	defer n.watchers.Add(-1)
	timer := time.NewTimer(wait)
	defer timer.Stop()
	read := n.nextRead(others)
	for {
		answer, added := n.since(since)
		if added == nil {
			return answer, nil
		}
		select {
		case <-added:
		case <-read:
			read = n.nextRead(others)
		case <-timer.C:
			if answer.Epoch == 0 {
				return answer, ErrNoLanes
			}
			return answer, nil
		case <-n.stopped:
			return Answer{}, ErrStopped
		case <-ctx.Done():
			return Answer{}, ctx.Err()
		}
	}
}

// since returns what has happened since a place. If that is nothing, or the lanes are
// not known yet, it also returns what is closed when this may have changed.
func (n *News) since(place Place) (Answer, <-chan struct{}) {
	n.mu.Lock()
	defer n.mu.Unlock()
	var answer Answer
	if n.isKnown {
		if answer = n.ring.since(place); !answer.empty() {
			return answer, nil
		}
	}
	if n.added == nil {
		n.added = make(chan struct{})
	}
	return answer, n.added
}
