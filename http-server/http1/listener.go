package http1

import (
	"context"
	"errors"
	"net"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

const (
	// hangUpInterval is how often a stop looks for connections without a request.
	hangUpInterval = 20 * time.Millisecond
	// acceptDelay is the pause after a connection could not be accepted, most often
	// for want of file descriptors.
	acceptDelay = 50 * time.Millisecond
)

// Listener adds to the connections what the standard transport of Hertz v0.10.4
// lacks: a limit for a client that does not send its first request, or does not
// read its answers; a bound on their number; a close that loses no answer; and a way
// to close idle connections at a stop, which would otherwise wait for each to time
// out. The connection of a guest is not with Hertz while it waits, and comes back as
// if it were new.
type Listener struct {
	net.Listener
	timeout time.Duration // to send the first request, or to take an answer
	most    int           // connections at a time
	shed    prometheus.Counter

	accepting sync.Once
	fresh     chan *Conn // accepted
	back      chan *Conn // from waiting
	closing   sync.Once
	closed    chan struct{}

	mu    sync.Mutex
	conns map[*Conn]struct{}
}

// NewListener returns a listener on top of ln. A client has the timeout to send its
// first request, and to take an answer. Connections beyond the most are closed, and
// counted as shed.
func NewListener(ln net.Listener, timeout time.Duration, most int, shed prometheus.Counter) *Listener {
	return &Listener{
		Listener: ln,
		timeout:  timeout,
		most:     most,
		shed:     shed,
		fresh:    make(chan *Conn),
		back:     make(chan *Conn),
		closed:   make(chan struct{}),
		conns:    make(map[*Conn]struct{}),
	}
}

// Accept waits for the next connection, or one that comes back. Its only error is
// that of a closed listener.
func (l *Listener) Accept() (net.Conn, error) {
	l.accepting.Do(func() { go l.accept() })
	select {
	case c := <-l.fresh:
		return c, nil
	case c := <-l.back:
		return c, nil
	case <-l.closed:
		return nil, net.ErrClosed
	}
}

// Close stops accepting, and lets none come back.
func (l *Listener) Close() error {
	l.closing.Do(func() { close(l.closed) })
	return l.Listener.Close()
}

// accept takes connections, and closes those that are too many, until the listener
// is closed. On any other error it goes on, and so does Hertz, which knows of none.
func (l *Listener) accept() {
	for {
		nc, err := l.Listener.Accept()
		switch {
		case errors.Is(err, net.ErrClosed):
			_ = l.Close()
			return
		case err != nil:
			<-time.After(acceptDelay)
			continue
		}
		c, ok := l.add(nc)
		if !ok {
			_ = nc.Close()
			continue
		}
		select {
		case l.fresh <- c:
		case <-l.closed:
			_ = c.Close()
		}
	}
}

// giveBack gives Hertz a connection whose guest has waited, unless the listener is
// closed.
func (l *Listener) giveBack(c *Conn) bool {
	select {
	case l.back <- c:
		return true
	case <-l.closed:
		return false
	}
}

// add takes a connection in, unless it is dead or one too many.
func (l *Listener) add(nc net.Conn) (*Conn, bool) {
	if nc.SetReadDeadline(time.Now().Add(l.timeout)) != nil {
		return nil, false
	}
	c := &Conn{Conn: nc, listener: l}
	c.idle.Store(true)
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.conns) >= l.most {
		l.shed.Inc()
		return nil, false
	}
	l.conns[c] = struct{}{}
	return c, true
}

// HangUpIdle ends the connections that wait for a request, and those that come
// to wait for one, until ctx is done.
func (l *Listener) HangUpIdle(ctx context.Context) {
	tick := time.NewTicker(hangUpInterval)
	defer tick.Stop()
	for {
		l.mu.Lock()
		for c := range l.conns {
			if c.idle.Load() {
				// Only reading ends: an answer on its way is still written.
				_ = c.SetReadDeadline(time.Now())
			}
		}
		l.mu.Unlock()
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}
