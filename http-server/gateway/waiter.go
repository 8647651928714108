package gateway

import (
	"time"

	"example.com/im/idl/chat"
)

// waiter is a reader that waits for a message, on a connection.
type waiter struct {
	waits   *waits
	name    chat.Name
	conn    *conn
	until   time.Time
	request []byte // with which it comes back to Hertz

	signal chan struct{} // holds one when the reader is woken
	asleep bool          // in a read of its connection; under the lane's mu

	looks bool // it may look, and holds a place among those who do
}

func (r *waiter) lane() *waitingLane { return &r.waits.lanes[r.name.Lane()] }

// over reports whether the reader is not to wait any longer.
func (r *waiter) over() bool { return r.waits.draining.Load() || !time.Now().Before(r.until) }

// run waits, and then gives the connection back to Hertz: for a look, if the reader
// is woken, or for the answer that there is nothing.
func (r *waiter) run() {
	r.looks = r.sleep() && r.turn()
	c := r.conn
	c.ahead = append(r.request, c.ahead...)
	c.waited, r.request = r, nil
	c.restore()
	if !c.listener.giveBack(c) {
		r.leave()
		_ = c.Close()
	}
}

// sleep waits until the reader is woken, which it reports, or is over: because its
// time is up, its client has nothing more to say, or the gateway drains.
//
// It needs no timer: it reads from the connection, which notices a client that
// leaves, with the end of the wait as the deadline, and who wakes it moves that.
// Thousands of readers are to cost little memory.
func (r *waiter) sleep() bool {
	lane := r.lane()
	lane.mu.Lock()
	r.asleep = !r.waits.draining.Load() && len(r.signal) == 0 && r.conn.SetReadDeadline(r.until) == nil
	asleep := r.asleep
	lane.mu.Unlock()
	if asleep {
		left := r.conn.awaitClient()
		lane.mu.Lock()
		r.asleep = false
		lane.mu.Unlock()
		if left {
			return false
		}
	}
	return r.awaitSignal() && !r.waits.draining.Load()
}

// awaitSignal waits until the reader is woken, which it reports, or its time is up.
// After a sleep one of the two is so, unless the client has sent too much ahead.
func (r *waiter) awaitSignal() bool {
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

// turn waits until the reader may look, which it reports, or its time is up.
func (r *waiter) turn() bool {
	timer := time.NewTimer(time.Until(r.until))
	defer timer.Stop()
	select {
	case r.waits.looks <- struct{}{}:
		return true
	case <-timer.C:
		return false
	}
}

// looked makes room for the next who looks.
func (r *waiter) looked() {
	if r.looks {
		r.looks = false
		<-r.waits.looks
	}
}

// leave ends the registration.
func (r *waiter) leave() {
	r.looked()
	lane := r.lane()
	lane.mu.Lock()
	delete(lane.readers[r.name], r)
	if len(lane.readers[r.name]) == 0 {
		delete(lane.readers, r.name)
	}
	lane.mu.Unlock()
	r.waits.gone()
}
