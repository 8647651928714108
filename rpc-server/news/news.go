// Package news tells what has been committed to whoever watches: which chats
// have got messages by the commits of this instance, and which lanes others have
// moved. It keeps the latest of it only. A watcher that has missed some is told
// so, and looks itself.
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
	// ErrNoLanes: the lanes have not been read yet, without which there is no
	// telling what others do.
	ErrNoLanes = errors.New("the lanes could not be read")
)

// Span is a part of a lane's time: the messages in it are later than After, and
// not later than Upto, in microseconds since 1970.
type Span struct {
	Lane        int
	After, Upto int64
}

// News are what was committed of late. Use its methods from any goroutine.
type News struct {
	lanes func() (store.Lanes, error)
	looks func(error) // counts the reads of lanes

	watchers atomic.Int64
	stopped  chan struct{}
	stopOnce sync.Once
	look     chan struct{} // wakes Run; holds one

	mu        sync.Mutex
	ring      ring
	added     chan struct{} // closed when there is news, or the lanes are known; nil: nobody waits
	known     store.Lanes   // up to where each lane is in the ring, or was before it
	isKnown   bool
	lookUntil time.Time
	inFlight  [chat.Lanes]bool // lanes of the commit under way
}

// New returns News of an instance that reads the lanes with the given function,
// such as [store.Store.Lanes]. Each read is counted by looks, with its error.
func New(lanes func() (store.Lanes, error), looks func(error)) *News {
	return &News{
		lanes:   lanes,
		looks:   looks,
		stopped: make(chan struct{}),
		look:    make(chan struct{}, 1),
		ring:    ring{epoch: 1 + rand.Int64N(1<<62)},
	}
}

// Watchers returns how many watch at present.
func (n *News) Watchers() int { return int(n.watchers.Load()) }

// Stop releases all who watch, with [ErrStopped], and those who come.
func (n *News) Stop() { n.stopOnce.Do(func() { close(n.stopped) }) }

// Begin notes that a commit of this instance is under way: until its end, its
// lanes may be found moved, and not by others.
func (n *News) Begin(sends []*store.Send) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, s := range sends {
		n.inFlight[s.Chat.Lane()] = true
	}
}

// End takes in what a commit has stored, if its error is nil. A commit whose
// outcome is not known is found by reading the lanes, as are those of others.
func (n *News) End(sends []*store.Send, err error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	clear(n.inFlight[:])
	if err != nil {
		return
	}
	var spans [chat.Lanes]Span
	for _, s := range sends {
		if s.Outcome != store.Stored {
			continue
		}
		lane := s.Chat.Lane()
		if spans[lane].Upto == 0 {
			n.foundMoved(lane, s.LaneWas)
		}
		spans[lane] = Span{lane, s.LaneWas, max(spans[lane].Upto, s.SendTime)}
		n.ring.add(entry{chat: s.Chat})
	}
	for lane, span := range spans {
		if span.Upto != 0 { // after its chats, so that nobody knows the one without the others
			n.ring.add(entry{span: span, own: true})
			n.known[lane] = max(n.known[lane], span.Upto)
		}
	}
	n.tell()
}

// foundMoved takes in that a lane is at a time to which this instance's commits
// have not moved it.
func (n *News) foundMoved(lane int, at int64) {
	if n.isKnown && at > n.known[lane] {
		n.ring.add(entry{span: Span{lane, n.known[lane], at}})
		n.known[lane] = at
	}
}

// tell wakes those who watch.
func (n *News) tell() {
	if n.added != nil {
		close(n.added)
		n.added = nil
	}
}

// Place is up to where a watcher knows the news. The zero value is that of one
// who knows nothing.
type Place struct{ Epoch, Position int64 }

// Watch returns what happened since, as soon as that is anything, or after the
// wait nothing. With others it has lanes read meanwhile, and a little longer. It
// returns [ErrStopped], [ErrNoLanes] or ctx's error.
func (n *News) Watch(ctx context.Context, since Place, wait time.Duration, others bool) (Answer, error) {
	n.watchers.Add(1)
	defer n.watchers.Add(-1)
	n.lookFor(wait, others)
	timer := time.NewTimer(wait)
	defer timer.Stop()
	for {
		answer, added := n.since(since)
		if added == nil {
			return answer, nil
		}
		select {
		case <-added:
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

// since returns what happened since. If that is nothing, or not known before the
// lanes are, it also returns what will be closed when there may be something.
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
