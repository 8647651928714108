package load

import (
	"context"
	"errors"
	"os"
	"runtime"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

// open is an open loop. One thread makes the requests, each on a connection that
// is idle; a goroutine for each connection takes the answers.
type open struct {
	pool     *Pool
	request  Request
	recorder *Recorder
	end      context.Context // done: no answer is waited for any more
	idle     chan *openConn  // all that have no request under way, broken ones among them
	readers  sync.WaitGroup
}

// openConn is a connection in an open loop.
type openConn struct {
	*conn
	// state is idle, broken, or the time at which the request under way was due, in
	// nanoseconds since 1970. A broken connection has no reader.
	state atomic.Int64
	clean bool // its reader has ended, and it can be used again
}

const (
	idle   = 0
	broken = -1
)

// Open makes rate requests a second for d, or until ctx is done, and waits for their
// answers. A latency counts from when the request was due, however late it was made. So
// a server that stands still shows in all requests that were due meanwhile. (To count
// from when the request was made is known as coordinated omission.)
func (p *Pool) Open(ctx context.Context, request Request, rate float64, d time.Duration) *Result {
	return p.open(ctx, request, rate, d, grace)
}

// open is Open with a time for which the last answers are waited for.
func (p *Pool) open(ctx context.Context, request Request, rate float64, d, grace time.Duration) *Result {
	begin := time.Now()
	end, cancel := context.WithDeadline(ctx, begin.Add(d+grace))
	defer cancel()
	o := &open{
		pool: p, request: request, recorder: NewRecorder(begin, d),
		end: end, idle: make(chan *openConn, len(p.conns)),
	}
	conns := make([]*openConn, len(p.conns))
	for i, c := range p.conns {
		conns[i] = &openConn{conn: c}
		conns[i].state.Store(broken)
		_ = o.mend(conns[i]) // if not now, then before its first request
		o.idle <- conns[i]
	}
	total := int(rate * d.Seconds())
	due := func(n int) time.Time { return begin.Add(time.Duration(float64(n) / rate * float64(time.Second))) }
	for n := o.make(total, due); n < total && ctx.Err() == nil; n++ {
		o.recorder.Add(NotSent, due(n), nil)
	}
	o.finish(conns)
	return o.recorder.Result()
}

// mend connects a connection that has no reader, and gives it one.
func (o *open) mend(c *openConn) error {
	deadline, _ := o.end.Deadline()
	if err := c.connect(o.end, o.pool.addr, deadline); err != nil {
		return err
	}
	c.state.Store(idle)
	o.readers.Go(func() { o.read(c) })
	return nil
}

// make makes each request when it is due, and returns how many it has made. It has a
// thread to itself, because a thread's sleep is more exact than the runtime's timers.
func (o *open) make(total int, due func(n int) time.Time) (made int) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	for ; made < total; made++ {
		at := due(made)
		if early := time.Until(at); early > 0 {
			sleep := syscall.NsecToTimespec(int64(early))
			_ = syscall.Nanosleep(&sleep, nil) // a signal ends it, and the request is early
		}
		select {
		case c := <-o.idle:
			if o.over() {
				return made
			}
			o.ask(c, at)
		case <-o.end.Done():
			return made
		}
	}
	return made
}

// over reports whether nobody waits for an answer any more. It asks the clock, because
// the timers of connections can fire before the context's.
func (o *open) over() bool {
	deadline, _ := o.end.Deadline()
	return !time.Now().Before(deadline)
}

// ask makes a request that is due.
func (o *open) ask(c *openConn, due time.Time) {
	if !c.state.CompareAndSwap(idle, due.UnixNano()) {
		c.hangUp()
		if err := o.mend(c); err != nil {
			o.recorder.Fail(due, err)
			o.idle <- c
			return
		}
		c.state.Store(due.UnixNano())
	}
	c.out = o.request(c.out[:0], o.pool.next.Add(1))
	if _, err := c.Write(c.out); err != nil {
		_ = c.SetReadDeadline(time.Unix(1, 0)) // the reader records it
	}
}

// read takes the answers of a connection, until it breaks or the loop is over.
func (o *open) read(c *openConn) {
	for {
		a, err := c.read()
		c.clean = errors.Is(err, os.ErrDeadlineExceeded)
		if c.state.CompareAndSwap(idle, broken) { // what came is no answer
			return
		}
		c.clean = false
		due := time.Unix(0, c.state.Load())
		switch {
		case err == nil:
			o.recorder.Add(a.status, due, a.body)
		case !errors.Is(o.end.Err(), context.Canceled):
			o.recorder.Fail(due, err)
		}
		if err != nil || a.last {
			c.state.Store(broken)
			o.idle <- c
			return
		}
		c.state.Store(idle)
		o.idle <- c
	}
}

// finish waits until no request is under way, or the loop has to end, and ends the
// readers.
func (o *open) finish(conns []*openConn) {
	for waiting := len(conns); waiting > 0; waiting-- {
		select {
		case <-o.idle:
		case <-o.end.Done():
			waiting = 0
		}
	}
	for _, c := range conns {
		if c.Conn != nil {
			_ = c.SetReadDeadline(time.Unix(1, 0))
		}
	}
	o.readers.Wait()
	for _, c := range conns {
		if !c.clean {
			c.hangUp()
		}
	}
}
