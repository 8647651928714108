package news

import (
	"time"

	"example.com/im/rpc-server/store"
)

const (
	// readInterval is between two reads of the lanes, while a watcher asks for what
	// other instances commit. If the gateway of a waiting reader does not know the
	// instance that stores a message, it is most of the time until the reader learns of
	// the message.
	readInterval = 50 * time.Millisecond
	// failedInterval is between two reads while they fail.
	failedInterval = 500 * time.Millisecond
)

// pause returns the time between a read that had this error and the next one.
func pause(_ time.Duration, err error) time.Duration {
	if err != nil {
		return failedInterval
	}
	return readInterval
}

// nextRead asks for a read of the lanes, if others are asked for, and returns what is
// closed when it has ended. The very first watcher needs one in any case: it tells what
// is old.
func (n *News) nextRead(others bool) <-chan struct{} {
	n.mu.Lock()
	isKnown := n.isKnown
	n.mu.Unlock()
	if isKnown && !others {
		return nil
	}
	return n.laneReads.Next().Done()
}

// learn takes in a read of the lanes. A commit in flight may show in its lanes. If others
// have moved one of these, the end of the commit tells, or the next read.
func (n *News) learn(lanes *store.Lanes, err error) {
	n.counted(err)
	if err != nil {
		return
	}
	n.mu.Lock()
	defer n.mu.Unlock()
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
