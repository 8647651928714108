// Package load puts loads on a gateway: closed loops, in which each client waits
// for its answer before it asks again, and open loops, in which requests come at
// a rate whatever becomes of the earlier ones. It takes little of the machine, which
// it shares with what it measures.
package load

import (
	"context"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// grace is for how long a pool waits for the last answers: longer than any deadline of
// the system.
const grace = 15 * time.Second

// dialers is how many connections are opened at a time: fewer than a listener's
// queue holds.
const dialers = 64

// Pool is a number of connections to one gateway. One load at a time may use it.
type Pool struct {
	addr  string // host:port
	conns []*conn
	next  atomic.Uint64 // request
}

// New returns so many connections to the gateway at url, each of which is opened for
// its first request.
func New(url string, connections int) *Pool {
	p := &Pool{addr: strings.TrimPrefix(url, "http://"), conns: make([]*conn, connections)}
	for i := range p.conns {
		p.conns[i] = new(conn)
	}
	return p
}

// Dial is New with connections that are open.
func Dial(ctx context.Context, url string, connections int) (*Pool, error) {
	p := New(url, connections)
	var (
		group sync.WaitGroup
		first atomic.Pointer[error]
	)
	for d := range min(dialers, connections) {
		group.Go(func() {
			for i := d; i < connections; i += dialers {
				if err := p.conns[i].connect(ctx, p.addr, time.Time{}); err != nil {
					first.CompareAndSwap(nil, &err)
					return
				}
			}
		})
	}
	group.Wait()
	if err := first.Load(); err != nil {
		p.Close()
		return nil, *err
	}
	return p, nil
}

// Close ends the connections.
func (p *Pool) Close() {
	for _, c := range p.conns {
		c.hangUp()
	}
}
