package store

import (
	"context"
	"sync/atomic"

	"example.com/im/rpc-server/admission"
)

// readSlots are the pages and inboxes that may be read at once.
type readSlots struct {
	free    chan struct{} // one for each
	waiting atomic.Int64
	gate    *admission.Gate
}

func newReadSlots(n int) *readSlots {
	s := &readSlots{free: make(chan struct{}, n), gate: admission.New(n)}
	for range n {
		s.free <- struct{}{}
	}
	return s
}

// take waits for a slot until ctx is done, and returns how to give it back. It refuses
// at once a wait that would be too long. Its error is [ErrBusy].
func (s *readSlots) take(ctx context.Context) (giveBack func(), err error) {
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
func (s *readSlots) wait(ctx context.Context) error {
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
