package load

import (
	"context"
	"errors"
	"os"
	"sync"
	"time"
)

// redialDelay is between two tries to connect to a gateway that does not answer.
const redialDelay = 50 * time.Millisecond

// closed is a closed loop.
type closed struct {
	pool     *Pool
	request  Request
	recorder *Recorder
	end      time.Time
	deadline time.Time // of the last answers
}

// Closed has each connection make one request after the other, for d or until ctx is
// done. A latency counts from when the request was made. So a server that stands still
// hides the requests that it kept the clients from making.
func (p *Pool) Closed(ctx context.Context, request Request, d time.Duration) *Result {
	return p.closed(ctx, request, 0, d, grace)
}

// Hold is [Pool.Closed] for requests that wait for something to happen. The connections
// begin one after the other, within ramp. A request that still waits after d is given
// up and does not count.
func (p *Pool) Hold(ctx context.Context, request Request, ramp, d time.Duration) *Result {
	return p.closed(ctx, request, ramp, d, 0)
}

func (p *Pool) closed(ctx context.Context, request Request, ramp, d, grace time.Duration) *Result {
	begin := time.Now()
	end := begin.Add(d)
	l := &closed{pool: p, request: request, recorder: NewRecorder(begin, d), end: end, deadline: end.Add(grace)}
	var clients sync.WaitGroup
	for i, c := range p.conns {
		clients.Go(func() {
			l.pause(ctx, ramp*time.Duration(i)/time.Duration(len(p.conns)))
			l.repeat(ctx, c)
		})
	}
	clients.Wait()
	return l.recorder.Result()
}

// repeat is a client.
func (l *closed) repeat(ctx context.Context, c *conn) {
	ready := false
	for asked := time.Now(); asked.Before(l.end) && ctx.Err() == nil; asked = time.Now() {
		if !ready {
			if err := c.connect(ctx, l.pool.addr, l.deadline); err != nil {
				l.fail(ctx, c, asked, err)
				continue
			}
			ready = true
		}
		c.out = l.request(c.out[:0], l.pool.next.Add(1))
		a, err := c.exchange(c.out)
		if err != nil {
			ready = false
			l.fail(ctx, c, asked, err)
			continue
		}
		l.recorder.Add(a.status, asked, a.body)
		if a.last {
			ready = false
			c.hangUp()
		}
	}
}

// fail records a request without an answer, unless it was given up.
func (l *closed) fail(ctx context.Context, c *conn, asked time.Time, err error) {
	c.hangUp()
	givenUp := l.deadline.Equal(l.end) && errors.Is(err, os.ErrDeadlineExceeded)
	if givenUp || ctx.Err() != nil {
		return
	}
	l.recorder.Fail(asked, err)
	l.pause(ctx, redialDelay)
}

// pause waits, unless ctx is done.
func (*closed) pause(ctx context.Context, d time.Duration) {
	if d == 0 {
		return
	}
	select {
	case <-time.After(d):
	case <-ctx.Done():
	}
}
