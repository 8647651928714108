package wait

import (
	"math/rand/v2"
	"sync"
	"time"

	"example.com/im/http-server/http1"
)

// Reader is a pull or a sync that waits for something new, or may come to.
type Reader struct {
	room   *Room
	topics []topic // for which it waits; only its handler touches them, under the mu of seats
	until  time.Time

	signal chan struct{} // holds one when the reader is woken
	mu     sync.Mutex
	conn   *http1.Conn // on which it waits
	asleep bool        // in a read of conn

	mayLook bool      // it holds one of the places in room.looks
	failure error     // of its latest look; nil if that has found nothing
	failing time.Time // since when its looks fail, or zero
}

const (
	// maxFailing is for how long a reader's looks may fail one after another, before it
	// learns that. An rpc-server that restarts or has too much to do refuses for less.
	maxFailing = 5 * time.Second
	// lookPause is the mean time from a look that has failed to the next one. It is what
	// the gateway asks of clients in Retry-After.
	lookPause = time.Second
)

// MayLook reports, after Wait, whether the reader was woken and may look again. Otherwise
// there is nothing for it.
func (r *Reader) MayLook() bool { return r.mayLook }

// SetGroups says in which groups the member is for whom the reader waits; with more, in
// others as well. The handler of a sync calls it when it has found nothing. Until the
// first time news of any group wakes the reader, so that it misses none.
func (r *Reader) SetGroups(groups []string, more bool) { r.room.seats.setGroups(r, groups, more) }

// Failure returns the error of the latest look, if it has kept the reader from knowing
// whether there is something.
func (r *Reader) Failure() error { return r.failure }

// Nothing says that the reader has looked and found nothing. It reports whether the
// reader waits on. Otherwise its time is up, or the gateway drains.
func (r *Reader) Nothing() bool {
	r.failure, r.failing = nil, time.Time{}
	return r.waitsOn(0)
}

// Failed says that err has kept the reader from looking, and may go away by itself. It
// reports whether the reader waits on, and looks again in about a second. Otherwise err
// is its answer: its time is up, its looks have failed for too long, or the gateway
// drains. Many readers fail at once, so each takes a time of its own.
func (r *Reader) Failed(err error) bool {
	if r.failing.IsZero() {
		r.failing = time.Now()
	}
	pause := lookPause/2 + rand.N(lookPause)
	if time.Since(r.failing) > maxFailing || !r.waitsOn(pause) {
		return false
	}
	r.failure = err
	time.AfterFunc(pause, func() {
		if r.wake() {
			r.room.metrics.woken(wokenByFailure, 1)
		}
	})
	return true
}

// waitsOn reports whether the reader still waits after so long. If it does, it gives its
// place to the next reader that was woken.
func (r *Reader) waitsOn(after time.Duration) bool {
	if r.room.draining.Load() || !time.Now().Add(after).Before(r.until) {
		return false
	}
	r.giveBack()
	return true
}

// Wait implements [http1.Guest]. It waits until the reader is woken and may look, its
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
	r.mayLook = !left && r.awaitSignal() && !r.room.draining.Load() && r.turn()
}

// fallAsleep notes that the reader is about to read from its connection. It returns
// false if the reader must not read: it was woken before, the gateway drains, or the
// connection is broken.
func (r *Reader) fallAsleep(on *http1.Conn) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.conn = on
	r.asleep = !r.room.draining.Load() && len(r.signal) == 0 && on.SetReadDeadline(r.until) == nil
	return r.asleep
}

// wake wakes the reader. It returns false if the reader was woken before, and has not seen
// it yet.
func (r *Reader) wake() (first bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	select {
	case r.signal <- struct{}{}:
		first = true
	default:
	}
	if r.asleep {
		r.conn.Interrupt()
	}
	return first
}

// awake notes that the reader no longer reads.
func (r *Reader) awake() {
	r.mu.Lock()
	defer r.mu.Unlock()
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

// turn waits until the reader may look or its time is up. It reports whether the reader
// may look.
func (r *Reader) turn() bool {
	timer := time.NewTimer(time.Until(r.until))
	defer timer.Stop()
	select {
	case r.room.looks <- struct{}{}:
		return true
	case <-timer.C:
		return false
	}
}

// giveBack gives the reader's place to the next reader that was woken.
func (r *Reader) giveBack() {
	if r.mayLook {
		r.mayLook = false
		<-r.room.looks
	}
}

// Leave implements [http1.Guest]: the reader leaves the room.
func (r *Reader) Leave() {
	r.giveBack()
	r.room.seats.leave(r)
	r.room.gone()
}
