package news

import (
	"context"
	"time"

	"example.com/im/rpc-server/store"
)

const (
	// lookInterval is between two reads of the lanes, while somebody asks for what
	// others do: it is most of the time until a waiting reader learns of a message
	// that an instance has stored of which its gateway knows nothing.
	lookInterval = 50 * time.Millisecond
	// lookSlack is for how long reading goes on between two calls of a watcher.
	lookSlack = 250 * time.Millisecond
	// failedInterval is between two reads while they fail.
	failedInterval = 500 * time.Millisecond
)

// lookFor has the lanes read during a wait, if others are asked for. The very
// first watcher needs them in any case: they tell what is old.
func (n *News) lookFor(wait time.Duration, others bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if others || !n.isKnown {
		if until := time.Now().Add(wait + lookSlack); until.After(n.lookUntil) {
			n.lookUntil = until
		}
		select {
		case n.look <- struct{}{}:
		default:
		}
	}
}

// Run reads the lanes while somebody asks for it, until ctx is done.
func (n *News) Run(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-n.look:
		}
		for n.lookedFor() {
			select {
			case <-ctx.Done():
				return
			case <-time.After(n.readLanes()):
			}
		}
	}
}

// lookedFor reports whether the lanes are still to be read.
func (n *News) lookedFor() bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	return time.Now().Before(n.lookUntil)
}

// readLanes reads the lanes, and returns how long to wait before the next time.
func (n *News) readLanes() time.Duration {
	lanes, err := n.lanes()
	n.looks(err)
	if err != nil {
		return failedInterval
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	n.found(lanes)
	return lookInterval
}

// found takes in lanes that were read. A lane of a commit of our own that is
// under way may show that one: what others have done there comes to light at its
// end, or with the next read.
func (n *News) found(lanes store.Lanes) {
	if !n.isKnown {
		for lane, at := range lanes {
			n.known[lane] = max(n.known[lane], at) // a commit may have ended meanwhile
		}
		n.isKnown = true
		n.tell()
		return
	}
	before := n.ring.end
	for lane, at := range lanes {
		if !n.inFlight[lane] {
			n.foundMoved(lane, at)
		}
	}
	if n.ring.end != before {
		n.tell()
	}
}
