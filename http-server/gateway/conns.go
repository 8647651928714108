package gateway

import (
	"bytes"
	"context"
	"errors"
	"net"
	"sync"
	"sync/atomic"
	"time"
)

const (
	// hangUpInterval is how often a stop looks for connections without a request.
	hangUpInterval = 20 * time.Millisecond
	// acceptDelay is the pause after a connection could not be accepted, most often
	// for want of file descriptors.
	acceptDelay = 50 * time.Millisecond
	// lingerTime, lingerSilence and lingerBytes bound the wait for a client that goes
	// on sending when the connection is about to be closed: in all, without a byte,
	// and in bytes.
	lingerTime    = 5 * time.Second
	lingerSilence = 500 * time.Millisecond
	lingerBytes   = 32 << 20
)

// listener adds to the connections what the standard transport of Hertz v0.10.4
// lacks: a limit for a client that does not send its first request, or does not
// read its answers; a bound on their number; an end that loses no answer; and a
// way to end the idle ones at a stop, which would else wait until each has timed
// out.
type listener struct {
	net.Listener
	timeout time.Duration // to send the first request, or to take an answer
	most    int           // connections at a time

	mu    sync.Mutex
	conns map[*conn]struct{}
}

func newListener(ln net.Listener, timeout time.Duration, most int) *listener {
	return &listener{Listener: ln, timeout: timeout, most: most, conns: make(map[*conn]struct{})}
}

// Accept waits for the next connection, and closes those that are too many. Its
// only error is that of a closed listener: on any other Hertz would stop serving.
func (l *listener) Accept() (net.Conn, error) {
	for {
		nc, err := l.Listener.Accept()
		if errors.Is(err, net.ErrClosed) {
			return nil, err
		}
		if err != nil {
			<-time.After(acceptDelay)
			continue
		}
		if c, ok := l.add(nc); ok {
			return c, nil
		}
		_ = nc.Close()
	}
}

// add takes a connection in, unless it is dead or one too many.
func (l *listener) add(nc net.Conn) (*conn, bool) {
	if nc.SetReadDeadline(time.Now().Add(l.timeout)) != nil {
		return nil, false
	}
	c := &conn{Conn: nc, listener: l}
	c.idle.Store(true)
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.conns) >= l.most {
		return nil, false
	}
	l.conns[c] = struct{}{}
	return c, true
}

// hangUpIdle ends the connections that wait for a request, and those that come
// to wait for one, until ctx is done.
func (l *listener) hangUpIdle(ctx context.Context) {
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

// interim begins "100 Continue", after which the request goes on.
var interim = []byte("HTTP/1.1 100")

// conn is a client's connection. It is idle from the writing of an answer
// until the first byte of the next request.
type conn struct {
	net.Conn
	listener *listener
	idle     atomic.Bool
}

// Read reads what the client sends.
func (c *conn) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	if n > 0 {
		c.idle.Store(false)
	}
	return n, err
}

// Write sends to the client, within the listener's timeout.
func (c *conn) Write(p []byte) (int, error) {
	if err := c.SetWriteDeadline(time.Now().Add(c.listener.timeout)); err != nil {
		return 0, err
	}
	n, err := c.Conn.Write(p)
	c.idle.Store(!bytes.HasPrefix(p, interim))
	return n, err
}

// Close closes the connection, as soon as the client has nothing more to say, and
// forgets it.
func (c *conn) Close() error {
	c.idle.Store(false) // a stop does not hurry it
	c.linger()
	c.listener.mu.Lock()
	delete(c.listener.conns, c)
	c.listener.mu.Unlock()
	return c.Conn.Close()
}

// linger tells the client that nothing more comes, and reads away what it still
// sends. To close at once would reset the connection, if anything of a request
// were left unread, and the client might never see its answer.
func (c *conn) linger() {
	half, ok := c.Conn.(interface{ CloseWrite() error })
	if !ok || half.CloseWrite() != nil {
		return
	}
	rest := make([]byte, 4<<10)
	for read, end := 0, time.Now().Add(lingerTime); read < lingerBytes && time.Now().Before(end); {
		if c.SetReadDeadline(time.Now().Add(lingerSilence)) != nil {
			return
		}
		n, err := c.Conn.Read(rest)
		if err != nil {
			return
		}
		read += n
	}
}
