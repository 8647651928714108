package wait

import (
	"time"

	"example.com/im/http-server/http1"
	"example.com/im/idl/chat"
)

// Reader is a pull that waits for a message, or may come to.
type Reader struct {
	room  *Room
	name  chat.Name
	until time.Time

	signal chan struct{} // holds one when the reader is woken
	conn   *http1.Conn   // on which it waits; under the lane's mu
	asleep bool          // in a read of conn; under the lane's mu

	mayPull bool // it holds one of the places in room.pulls
}

func (r *Reader) lane() *lane { return &r.room.lanes[r.name.Lane()] }

// MayPull reports, after Wait, whether the reader was woken and may pull. Otherwise
// there is nothing for it.
func (r *Reader) MayPull() bool { return r.mayPull }

// Over reports whether the reader is not to wait any longer: its time is up, or the
// gateway drains.
func (r *Reader) Over() bool { return r.room.draining.Load() || !time.Now().Before(r.until) }

// Wait implements [http1.Guest]. It waits until the reader is woken and may pull, its
// time is up, its client has nothing more to say, or the gateway drains.
//
// Wait needs no timer. It reads from the connection, and so notices a client that
// leaves. The end of the wait is the deadline for reading; whoever wakes the reader
// moves that. Thousands of readers are to cost little memory: Wait calls AwaitClient
// itself, because one more call between them makes some stacks twice as large.
func (r *Reader) Wait(on *http1.Conn) {
	left := false
	if r.fallAsleep(on) {
		left = on.AwaitClient()
		r.awake()
	}
	r.mayPull = !left && r.awaitSignal() && !r.room.draining.Load() && r.turn()
}

// fallAsleep notes that the reader is about to read from its connection. It returns
// false if the reader must not read: it was woken before, the gateway drains, or the
// connection is broken.
func (r *Reader) fallAsleep(on *http1.Conn) bool {
	lane := r.lane()
	lane.mu.Lock()
	defer lane.mu.Unlock()
	r.conn = on
	r.asleep = !r.room.draining.Load() && len(r.signal) == 0 && on.SetReadDeadline(r.until) == nil
	return r.asleep
}

// awake notes that the reader no longer reads.
func (r *Reader) awake() {
	lane := r.lane()
	lane.mu.Lock()
	defer lane.mu.Unlock()
	r.asleep = false
}

// awaitSignal waits until the reader is woken or its time is up. It reports whether the
// reader was woken. After a sleep it returns at once, unless the client has sent too
// much ahead.
func (r *Reader) awaitSignal() bool {
	select {
	case <-r.signal:
		return true
	default:
	}
	timer := time.NewTimer(time.Until(r.until))
	defer timer.Stop()
	select {
	case <-r.signal:
		return true
	case <-timer.C:
		return false
	}
}

// turn waits until the reader may pull or its time is up. It reports whether the reader
// may pull.
func (r *Reader) turn() bool {
	timer := time.NewTimer(time.Until(r.until))
	defer timer.Stop()
	select {
	case r.room.pulls <- struct{}{}:
		return true
	case <-timer.C:
		return false
	}
}

// Pulled gives the reader's place to the next reader that was woken. The handler calls
// it when the pull has found nothing.
func (r *Reader) Pulled() {
	if r.mayPull {
		r.mayPull = false
		<-r.room.pulls
	}
}

// Leave implements [http1.Guest]: the reader leaves the room.
func (r *Reader) Leave() {
	r.Pulled()
	lane := r.lane()
	lane.mu.Lock()
	delete(lane.readers[r.name], r)
	if len(lane.readers[r.name]) == 0 {
		delete(lane.readers, r.name)
	}
	lane.mu.Unlock()
	r.room.gone()
}
