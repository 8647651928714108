package store

import (
	"sync"
	"time"
)

// LaneReads lets callers share reads of the lanes. A caller gets a read that starts
// after its call, so it shows whatever was acknowledged before. Those who call while a
// read is under way share the next one. Reads run one after another, and only while
// somebody asks for them.
//
// Its methods are safe for concurrent use. The fields stay as they are from the first
// call on.
type LaneReads struct {
	// Read reads the lanes, as [Store.Lanes] does.
	Read func() (Lanes, error)
	// Learn is called with each read's outcome, before those who wait for the read go
	// on.
	Learn func(*Lanes, error)
	// Pause returns for how long nothing is read after a read that took so long and
	// had this error.
	Pause func(took time.Duration, err error) time.Duration

	mu      sync.Mutex
	next    *LaneRead // has not started; nil if nobody has asked for it
	running bool
}

// A LaneRead is one read of the lanes. Lanes and Err are set when Done is closed.
type LaneRead struct {
	Lanes Lanes
	Err   error
	done  chan struct{}
}

// Done is closed when the read has ended.
func (r *LaneRead) Done() <-chan struct{} { return r.done }

// Next returns a read that has not started yet, and has it run.
func (s *LaneReads) Next() *LaneRead {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.next == nil {
		s.next = &LaneRead{done: make(chan struct{})}
	}
	if !s.running {
		s.running = true
		go s.run()
	}
	return s.next
}

// run reads for as long as somebody asks.
func (s *LaneReads) run() {
	for r := s.start(); r != nil; r = s.start() {
		begin := time.Now()
		r.Lanes, r.Err = s.Read()
		s.Learn(&r.Lanes, r.Err)
		close(r.done)
		time.Sleep(s.Pause(time.Since(begin), r.Err))
	}
}

// start returns the next read. Those who ask from now on get another one.
func (s *LaneReads) start() *LaneRead {
	s.mu.Lock()
	defer s.mu.Unlock()
	r := s.next
	s.next, s.running = nil, r != nil
	return r
}
