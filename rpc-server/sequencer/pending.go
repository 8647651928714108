package sequencer

import (
	"sync/atomic"

	"example.com/im/rpc-server/store"
)

// A pending is a send whose caller waits for its outcome.
type pending struct {
	message *store.Send
	done    chan error // takes the outcome; buffered, so that the sequencer never waits
	state   atomic.Int32
	unknown bool // a COMMIT of it had no answer; only the sequencer uses it
}

// The states of a pending send.
const (
	waiting int32 = iota // in the queue
	taken                // in a batch
	left                 // its caller has given up
)

// take moves the send from the queue into a batch, unless its caller has given up.
func (p *pending) take() bool { return p.state.CompareAndSwap(waiting, taken) }

// giveUp ends the wait of the send's caller, and says what is known.
func (p *pending) giveUp() error {
	if p.state.CompareAndSwap(waiting, left) {
		return ErrExpired
	}
	p.state.Store(left)
	select {
	case err := <-p.done: // the outcome came at the same moment
		return err
	default:
		return ErrTimeout
	}
}

// afterStop ends the wait of a caller after the last batch. The send may have come into
// the queue later.
func (p *pending) afterStop() error {
	if p.state.CompareAndSwap(waiting, left) {
		return ErrStopped
	}
	return <-p.done
}
