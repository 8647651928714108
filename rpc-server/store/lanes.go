package store

import (
	"fmt"
	"sync"
	"time"

	"example.com/im/idl/chat"
)

// Lanes are the last send_times of the lanes, by id.
type Lanes [chat.Lanes]int64

// Beyond reports whether a lane has moved since the others were read.
func (l *Lanes) Beyond(others Lanes) bool {
	for id, at := range l {
		if at > others[id] {
			return true
		}
	}
	return false
}

// lanesSQL reads all lanes. There is always a row, so the server needs none of its own
// (see [dialect.withServerRow]).
func (d dialect) lanesSQL() string { return "SELECT id, last_send_time, " + d.readOnly + " FROM lanes" }

// Lanes reads all lanes at one moment. It shows what was committed before the call. Its
// error is [ErrUnavailable], [ErrConflict] or a defect.
//
// Callers share a read (see [LaneReads]), so no caller's context reaches it (see
// [netTimeout]).
func (s *Store) Lanes() (Lanes, error) {
	var lanes Lanes
	read, err := s.readLanes(&lanes)
	if err != nil {
		return lanes, s.failed("read lanes", err)
	}
	if read != len(lanes) {
		return lanes, fmt.Errorf("%w: %w (%d rows)", ErrUnavailable, ErrLanes, read)
	}
	return lanes, nil
}

// readLanes reads the rows into lanes and returns how many there were.
func (s *Store) readLanes(lanes *Lanes) (read int, err error) {
	rows, err := s.lastSendTimes.Query()
	if err != nil {
		return 0, err
	}
	defer func() { _ = rows.Close() }()
	var server serverTold
	for rows.Next() {
		var id int
		var last int64
		if err := rows.Scan(&id, &last, &server); err != nil {
			return 0, err
		}
		if id < 0 || id >= len(lanes) {
			return 0, ErrLanes
		}
		lanes[id] = last
		read++
	}
	return read, server.whole(rows)
}

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
