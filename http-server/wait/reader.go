package wait

import (
	"time"

	"example.com/im/http-server/http1"
	"example.com/im/idl/chat"
)

// Reader is a pull that waits for a message.
type Reader struct {
	room  *Room
	name  chat.Name
	until time.Time

	signal chan struct{} // holds one when the reader is woken
	conn   *http1.Conn   // on which it waits; under the lane's mu
	asleep bool          // in a read of conn; under the lane's mu

	mayPull bool // it holds a place among those who pull
}

func (r *Reader) lane() *lane { return &r.room.lanes[r.name.Lane()] }

// MayPull reports whether the reader was woken, and may pull; otherwise there is
// nothing for it.
func (r *Reader) MayPull() bool { return r.mayPull }

// Over reports whether the reader is not to wait any longer.
func (r *Reader) Over() bool { return r.room.draining.Load() || !time.Now().Before(r.until) }

// Wait implements [http1.Guest]: it waits until the reader is woken and may pull, or is
// over, because its time is up, its client has nothing more to say, or the gateway
// drains.
//
// It needs no timer: it reads from the connection, which notices a client that
// leaves, with the end of the wait as the deadline, and who wakes it moves that.
// Thousands of readers are to cost little memory: this function calls AwaitClient
// itself, because with one call more between them some stacks take twice as much.
func (r *Reader) Wait(on *http1.Conn) {
	left := false
	if r.fallAsleep(on) {
		left = on.AwaitClient()
		r.awake()
	}
	r.mayPull = !left && r.awaitSignal() && !r.room.draining.Load() && r.turn()
}

// fallAsleep says that the reader is about to read from its connection, unless it was
// woken before, or is over.
func (r *Reader) fallAsleep(on *http1.Conn) bool {
	lane := r.lane()
	lane.mu.Lock()
	defer lane.mu.Unlock()
	r.conn = on
	r.asleep = !r.room.draining.Load() && len(r.signal) == 0 && on.SetReadDeadline(r.until) == nil
	return r.asleep
}

// awake says that the reader reads no more.
func (r *Reader) awake() {
	lane := r.lane()
	lane.mu.Lock()
	defer lane.mu.Unlock()
	r.asleep = false
}

// awaitSignal waits until the reader is woken, which it reports, or its time is up.
// After a sleep one of the two is so, unless the client has sent too much ahead.
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

// turn waits until the reader may pull, which it reports, or its time is up.
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

// Pulled makes room for the next who pulls. The handler of the pull calls it.
func (r *Reader) Pulled() {
	if r.mayPull {
		r.mayPull = false
		<-r.room.pulls
	}
}

// Leave implements [http1.Guest]: the reader is in the room no more.
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
