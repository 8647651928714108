package http1

import (
	"bytes"
	"context"
	"errors"
	"net"
	"os"
	"sync/atomic"
	"time"
)

// lingerTime, lingerSilence and lingerBytes bound the wait for a client that goes on
// sending when the connection is about to be closed: in all, without a byte, and in
// bytes.
const (
	lingerTime    = 5 * time.Second
	lingerSilence = 500 * time.Millisecond
	lingerBytes   = 32 << 20
)

// maxAhead is how many bytes of further requests a client may send while a guest
// waits, and is still watched.
const maxAhead = 4 << 10

// interim begins "100 Continue", after which the request goes on.
const interim = "HTTP/1.1 100"

// Guest is what a request waits as, outside of Hertz.
type Guest interface {
	// Wait returns when the request is to come back. It may use the connection for
	// as long. It is called once Hertz has let go of the request.
	Wait(on *Conn)
	// Leave is called when the request waits no more: it is answered, or it cannot
	// come back.
	Leave()
}

// Conn is a client's connection. It is idle from the writing of an answer
// until the first byte of the next request.
type Conn struct {
	net.Conn
	listener *Listener
	idle     atomic.Bool
	// The fields below belong to a parked request. Only the current owner of the
	// connection touches them: Hertz, or who waits.
	ahead   []byte // is to be read before what comes
	guest   Guest  // waits, or comes back
	request []byte // with which it comes back; nil: it is not parked
}

// connKey is the context key of a *Conn.
type connKey struct{}

// WithConn makes a connection known to its handlers, who see only what Hertz
// makes of it.
func WithConn(c net.Conn) context.Context {
	return context.WithValue(context.Background(), connKey{}, c)
}

// Read reads what the client sends.
func (c *Conn) Read(p []byte) (n int, err error) {
	if n = copy(p, c.ahead); n == len(c.ahead) {
		c.ahead = nil
	} else {
		c.ahead = c.ahead[n:]
	}
	if n == 0 {
		n, err = c.Conn.Read(p)
	}
	if n > 0 {
		c.idle.Store(false)
	}
	return n, err
}

// Write sends to the client, within the listener's timeout.
func (c *Conn) Write(p []byte) (int, error) {
	if err := c.SetWriteDeadline(time.Now().Add(c.listener.timeout)); err != nil {
		return 0, err
	}
	n, err := c.Conn.Write(p)
	c.idle.Store(!isInterim(p) && c.ahead == nil)
	return n, err
}

// Close closes the connection, as soon as the client has nothing more to say, and
// forgets it. But the connection of a parked request stays, and its guest waits.
func (c *Conn) Close() error {
	if request := c.request; request != nil {
		c.request = nil
		go c.wait(request)
		return nil
	}
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
func (c *Conn) linger() {
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

// wait lets the guest wait, and then gives the connection back to Hertz, with the
// request to come back with.
func (c *Conn) wait(request []byte) {
	c.guest.Wait(c)
	c.ahead = append(request, c.ahead...)
	_ = c.SetReadDeadline(time.Now().Add(c.listener.timeout)) // the client's time to send again
	if !c.listener.giveBack(c) {
		c.guest.Leave()
		_ = c.Close()
	}
}

// AwaitClient waits until the client has left, which it reports, or the read deadline
// is there. A client that merely says that it sends nothing more counts as one that
// has left: the two look the same. What the client sends is kept.
func (c *Conn) AwaitClient() (left bool) {
	for some := make([]byte, 64); len(c.ahead) < maxAhead; {
		n, err := c.Conn.Read(some)
		c.ahead = append(c.ahead, some[:n]...)
		if err != nil {
			return !errors.Is(err, os.ErrDeadlineExceeded)
		}
	}
	return false
}

// Interrupt ends an AwaitClient under way.
func (c *Conn) Interrupt() { _ = c.SetReadDeadline(time.Unix(1, 0)) }

// isInterim reports whether what is written is "100 Continue".
func isInterim(p []byte) bool { return bytes.HasPrefix(p, []byte(interim)) }
