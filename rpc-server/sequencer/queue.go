package sequencer

import (
	"slices"
	"sync"
	"time"

	"example.com/im/rpc-server/store"
)

// maxBatchBytes ends a batch that is shorter than [store.MaxBatch] messages, so
// that its INSERT fits into the database's largest packet.
const maxBatchBytes = 4 << 20

// marksBeside is how many read marks a batch takes beside messages. When all members of a
// group have read a message at once, the next messages do not wait for their marks.
const marksBeside = 32

// marksAlone is how many a batch takes without messages. What a mark costs the database
// grows with the marks of its batch, and the next message should not wait for long.
const marksAlone = 128

// marksPause is for how long after a batch with messages no batch has marks alone. Whoever
// sends one message after another would wait for such a batch before each.
const marksPause = 5 * time.Millisecond

// A queue holds the sends that wait for a commit, in the order in which they came.
// Read marks wait apart: they never hold up a message.
type queue struct {
	most  int           // sends that may wait
	ready chan struct{} // holds one while the queue may not be empty

	mu              sync.Mutex
	messages, marks []*pending
	busy            time.Time // when a batch with messages was last taken
}

func newQueue(most int) *queue {
	return &queue{most: most, ready: make(chan struct{}, 1)}
}

// put adds sends at once, so that they share a commit. It adds the first of them, as
// many as there is room for, and returns how many.
func (q *queue) put(sends []*pending) int {
	q.mu.Lock()
	room := max(0, min(q.most-len(q.messages)-len(q.marks), len(sends)))
	for _, p := range sends[:room] {
		if p.message.IsMark() {
			q.marks = append(q.marks, p)
		} else {
			q.messages = append(q.messages, p)
		}
	}
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
	batch, left := first(q.messages, store.MaxBatch)
	q.messages = left
	marks := marksAlone
	switch {
	case len(batch) > 0:
		marks = min(marksBeside, store.MaxBatch-len(batch))
		q.busy = time.Now()
	case len(q.marks) > 0 && time.Since(q.busy) < marksPause:
		time.AfterFunc(marksPause, q.signal)
		return nil
	}
	more, left := first(q.marks, marks)
	q.marks = left
	if len(q.messages)+len(q.marks) > 0 {
		q.signal()
	}
	return append(batch, more...)
}

// hurry has the marks that wait taken at once.
func (q *queue) hurry() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.busy = time.Time{}
}

// first takes at most so many sends from the front, as far as they fit into one commit.
func first(sends []*pending, most int) (batch, left []*pending) {
	bytes, seen := 0, 0
	for _, p := range sends {
		if len(batch) == most || bytes >= maxBatchBytes {
			break
		}
		seen++
		if p.take() {
			batch = append(batch, p)
			bytes += len(p.message.Text)
		}
	}
	return batch, slices.Delete(sends, 0, seen)
}

// length returns the number of sends that wait.
func (q *queue) length() int {
	q.mu.Lock()
	defer q.mu.Unlock()
	return len(q.messages) + len(q.marks)
}
