package http1

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

const (
	// hangUpInterval is how often HangUpIdle looks for idle connections.
	hangUpInterval = 20 * time.Millisecond
	// acceptDelay is the pause after a connection could not be accepted, most often
	// for want of file descriptors.
	acceptDelay = 50 * time.Millisecond
)

// Listener gives connections what the standard transport of Hertz v0.10.4 lacks: a
// time limit for a client that does not send its first request, or does not read its
// answers; a bound on the number of connections; a close that loses no answer; and a
// way to close idle connections at a stop, which would otherwise wait for each to time
// out. While a guest waits, Hertz does not have its connection. The connection comes
// back from Accept as if it were new.
type Listener struct {
	net.Listener
	// Admit says whether a connection may come in from an address, beside the bound on
	// all. The listener calls leave when the connection has ended. A nil Admit lets all in.
	// It must be set before Accept, and do nothing that takes time.
	Admit   func(from net.Addr) (leave func(), ok bool)
	timeout time.Duration // to send the first request, or to take an answer
	most    int           // connections at a time
	shed    prometheus.Counter

	accepting sync.Once
	fresh     chan *Conn // accepted
	back      chan *Conn // coming back: the guest has waited
	closing   sync.Once
	closed    chan struct{}

	mu    sync.Mutex
	conns map[*Conn]struct{}
}

// NewListener returns a listener on top of ln, whose connections may be by TLS. A client
// has the timeout to send its first request, the handshake included, and to take an answer. The listener closes connections beyond the most
// at once, and counts them by shed.
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

// Accept waits for the next connection, a new one or one that comes back. Its only
// error is [net.ErrClosed].
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

// Close stops accepting. From then on no connection comes back.
func (l *Listener) Close() error {
	l.closing.Do(func() { close(l.closed) })
	return l.Listener.Close()
}

// accept takes connections until the listener is closed, and closes those that are too
// many. After any other error it goes on. It hides the error from Hertz, which would
// stop serving.
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
		if secure, ok := nc.(*tls.Conn); ok {
			go l.greet(c, secure)
		} else {
			l.offer(c)
		}
	}
}

// offer gives Hertz a new connection.
func (l *Listener) offer(c *Conn) {
	select {
	case l.fresh <- c:
	case <-l.closed:
		_ = c.Close()
	}
}

// giveBack gives Hertz a connection whose guest has waited. It returns false if the
// listener is closed.
func (l *Listener) giveBack(c *Conn) bool {
	select {
	case l.back <- c:
		return true
	case <-l.closed:
		return false
	}
}

// add takes a connection in. It returns false for one that is dead or too many.
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
	if l.Admit != nil {
		leave, ok := l.Admit(nc.RemoteAddr())
		if !ok {
			return nil, false
		}
		c.leave = leave
	}
	l.conns[c] = struct{}{}
	return c, true
}

// forget lets a connection go that ends.
func (l *Listener) forget(c *Conn) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if _, known := l.conns[c]; known && c.leave != nil {
		c.leave()
	}
	delete(l.conns, c)
}

// HangUpIdle ends the connections that are idle, and those that become idle, until ctx
// is done.
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
