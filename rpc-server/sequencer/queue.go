package sequencer

import (
	"slices"
	"sync"

	"example.com/im/rpc-server/store"
)

// maxBatchBytes ends a batch that is shorter than [store.MaxBatch] messages, so
// that its INSERT fits into the database's largest packet.
const maxBatchBytes = 4 << 20

// A queue holds the sends that wait for a commit, in the order in which they came.
type queue struct {
	most  int           // sends that may wait
	ready chan struct{} // holds one while the queue may not be empty

	mu    sync.Mutex
	sends []*pending
}

func newQueue(most int) *queue {
	return &queue{most: most, ready: make(chan struct{}, 1)}
}

// put adds sends at once, so that they share a commit. It adds the first of them, as
// many as there is room for, and returns how many.
func (q *queue) put(sends []*pending) int {
	q.mu.Lock()
	room := max(0, min(q.most-len(q.sends), len(sends)))
	q.sends = append(q.sends, sends[:room]...)
	q.mu.Unlock()
	if room > 0 {
		q.signal()
	}
	return room
}

// signal wakes whoever waits for ready.
func (q *queue) signal() {
	select {
	case q.ready <- struct{}{}:
	default:
	}
}

// take removes a batch from the front: what fits into one commit, without the sends
// whose callers have given up. The batch is empty if nothing waits.
func (q *queue) take() []*pending {
	q.mu.Lock()
	defer q.mu.Unlock()
	var batch []*pending
	bytes, seen := 0, 0
	for _, p := range q.sends {
		if len(batch) == store.MaxBatch || bytes >= maxBatchBytes {
			break
		}
		seen++
		if p.take() {
			batch = append(batch, p)
			bytes += len(p.message.Text)
		}
	}
	q.sends = slices.Delete(q.sends, 0, seen)
	if len(q.sends) > 0 {
		q.signal()
	}
	return batch
}

// length returns the number of sends that wait.
func (q *queue) length() int {
	q.mu.Lock()
	defer q.mu.Unlock()
	return len(q.sends)
}
