package store

import (
	"context"
	"sync/atomic"

	"example.com/im/rpc-server/admission"
)

// slots are the page reads that may run at once.
type slots struct {
	free    chan struct{} // one for each
	waiting atomic.Int64
	gate    *admission.Gate
}

func newSlots(n int) *slots {
	s := &slots{free: make(chan struct{}, n), gate: admission.New(n)}
	for range n {
		s.free <- struct{}{}
	}
	return s
}

// take waits for a slot until ctx is done, and returns how to give it back. It
// does not wait where it would be for too long. Its error is [ErrBusy].
func (s *slots) take(ctx context.Context) (giveBack func(), err error) {
	select {
	case <-s.free: // nobody waits
	default:
		if err := s.wait(ctx); err != nil {
			return nil, err
		}
	}
	if ctx.Err() != nil {
		s.free <- struct{}{}
		return nil, ErrBusy
	}
	end := s.gate.Round()
	return func() {
		end()
		s.free <- struct{}{}
	}, nil
}

// wait waits for a slot, and takes it.
func (s *slots) wait(ctx context.Context) error {
	ahead := s.waiting.Add(1) - 1
	defer s.waiting.Add(-1)
	if !s.gate.Admits(ctx, int(ahead)) {
		return ErrBusy
	}
	select {
	case <-s.free:
		return nil
	case <-ctx.Done():
		return ErrBusy
	}
}
