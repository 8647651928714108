package tail

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"example.com/im/rpc-server/store"
)

// lookInterval is the least time between the starts of two looks: however many
// pulls there are, they cost the database two small reads a millisecond.
const lookInterval = 500 * time.Microsecond

// looks are reads of the lanes, one after another, that pulls share: a pull that
// comes while one is under way takes the next.
type looks struct {
	read  func() (store.Lanes, error)
	learn func(*store.Lanes) // is told of each look before those who wait

	mu      sync.Mutex
	waiting *look // not started yet; nil if nobody waits
	running bool
	count   atomic.Uint64
}

// look is one read of the lanes.
type look struct {
	done  chan struct{}
	lanes store.Lanes
	err   error
}

// next returns the lanes as a read shows them that starts after the call. An
// error is that of [store.Store.Lanes], or [store.ErrUnavailable] if ctx ends
// first; the read goes on for the others.
func (s *looks) next(ctx context.Context) (*store.Lanes, error) {
	l := s.join()
	select {
	case <-l.done:
		return &l.lanes, l.err
	case <-ctx.Done():
		return nil, late(ctx)
	}
}

// join returns a look that has not started yet.
func (s *looks) join() *look {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.waiting == nil {
		s.waiting = &look{done: make(chan struct{})}
	}
	if !s.running {
		s.running = true
		go s.run()
	}
	return s.waiting
}

// run looks for as long as somebody waits.
func (s *looks) run() {
	for l := s.start(); l != nil; l = s.start() {
		begin := time.Now()
		if l.lanes, l.err = s.read(); l.err == nil {
			s.learn(&l.lanes)
		}
		close(l.done)
		time.Sleep(lookInterval - time.Since(begin))
	}
}

// start closes the look that waits to those who come from now on, and returns it.
func (s *looks) start() *look {
	s.mu.Lock()
	defer s.mu.Unlock()
	l := s.waiting
	s.waiting, s.running = nil, l != nil
	if l != nil {
		s.count.Add(1)
	}
	return l
}
