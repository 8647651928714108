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

// A client may go on sending when its connection is about to be closed. The close
// waits for it at most lingerTime in all, at most lingerSilence without a byte, and
// for at most lingerBytes.
const (
	lingerTime    = 5 * time.Second
	lingerSilence = 500 * time.Millisecond
	lingerBytes   = 32 << 20
)

// maxAhead is how many bytes of further requests a connection keeps while its guest
// waits. A client that has sent as many is no longer watched: nothing notices that it
// leaves.
const maxAhead = 4 << 10

// interim is how "100 Continue" begins. That is no answer: the request goes on after it.
const interim = "HTTP/1.1 100"

// Guest waits for a parked request, outside of Hertz.
type Guest interface {
	// Wait returns when the request is to come back. Until then it may use the
	// connection. The connection calls it once Hertz has let go of the request.
	Wait(on *Conn)
	// Leave is called when the request is answered, or when it cannot come back.
	Leave()
}

// Conn is a client's connection. It is idle while it waits for the first byte of a
// request.
type Conn struct {
	net.Conn
	listener *Listener
	leave    func() // tells who admitted it that it has ended; may be nil
	idle     atomic.Bool
	// The fields below belong to a parked request. Only the current owner of the
	// connection touches them: Hertz, or the guest that waits.
	ahead   []byte // to be read before what the client sends
	guest   Guest  // that waits, or comes back
	request []byte // the short request to come back with; nil: not parked
}

// connKey is the context key of a *Conn.
type connKey struct{}

// WithConn returns a context that carries c, for Hertz's option WithOnAccept. By it
// an exchange finds its connection, around which Hertz puts a type of its own.
func WithConn(c net.Conn) context.Context {
	return context.WithValue(context.Background(), connKey{}, c)
}

// Read reads what is ahead, then what the client sends.
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

// Close waits until the client has nothing more to say, then closes the connection,
// and the listener forgets it. The connection of a parked request does not close: its
// guest waits.
func (c *Conn) Close() error {
	if request := c.request; request != nil {
		c.request = nil
		go c.wait(request)
		return nil
	}
	c.idle.Store(false) // so that HangUpIdle does not cut it short
	c.linger()
	c.listener.forget(c)
	return c.Conn.Close()
}

// linger tells the client that nothing more comes, and discards what the client still
// sends. A close at once would reset the connection if a part of a request were
// unread, and the client might never see its answer.
func (c *Conn) linger() {
	transport := transportOf(c.Conn)
	half, ok := transport.(interface{ CloseWrite() error })
	if !ok || half.CloseWrite() != nil {
		return
	}
	rest := make([]byte, 4<<10)
	for read, end := 0, time.Now().Add(lingerTime); read < lingerBytes && time.Now().Before(end); {
		if c.SetReadDeadline(time.Now().Add(lingerSilence)) != nil {
			return
		}
		n, err := transport.Read(rest)
		if err != nil {
			return
		}
		read += n
	}
}

// wait lets the guest wait. Then it gives the connection back to Hertz, with the short
// request before what the client has sent meanwhile.
func (c *Conn) wait(request []byte) {
	c.guest.Wait(c)
	c.ahead = append(request, c.ahead...)
	_ = c.SetReadDeadline(time.Now().Add(c.listener.timeout)) // again the client has this long to send
	if !c.listener.giveBack(c) {
		c.guest.Leave()
		_ = c.Close()
	}
}

// AwaitClient waits until the client leaves, the read deadline passes, or the client
// has sent 4 KiB. It reports whether the client has left. A client that has closed
// only its sending side counts as one that has left: the two look the same. What the
// client sends is kept.
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

// Interrupt ends a call of AwaitClient that is under way.
func (c *Conn) Interrupt() { _ = c.SetReadDeadline(time.Unix(1, 0)) }

// isInterim reports whether p, which is written, is "100 Continue".
func isInterim(p []byte) bool { return bytes.HasPrefix(p, []byte(interim)) }
