package sequencer

import (
	"sync/atomic"

	"example.com/im/rpc-server/store"
)

// A send is a message on its way and its caller.
type send struct {
	message *store.Send
	done    chan error // takes the outcome; its buffer keeps the sequencer from waiting
	state   atomic.Int32
	unknown bool // a COMMIT of it had no answer; of the sequencer alone
}

// The states of a send.
const (
	waiting int32 = iota // in the queue
	taken                // in a batch
	left                 // its caller has given up
)

// take moves the send from the queue into a batch, unless its caller has given
// up.
func (p *send) take() bool { return p.state.CompareAndSwap(waiting, taken) }

// giveUp ends the wait of the send's caller and says what is known.
func (p *send) giveUp() error {
	if p.state.CompareAndSwap(waiting, left) {
		return ErrExpired
	}
	p.state.Store(left)
	select {
	case err := <-p.done: // it came at the same moment
		return err
	default:
		return ErrTimeout
	}
}

// afterStop ends the wait of a caller whose send may have come into the queue
// after the last batch.
func (p *send) afterStop() error {
	if p.state.CompareAndSwap(waiting, left) {
		return ErrStopped
	}
	return <-p.done
}
