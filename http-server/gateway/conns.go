package gateway

import (
	"bytes"
	"net"
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

// interim begins "100 Continue", after which the request goes on.
var interim = []byte("HTTP/1.1 100")

// conn is a client's connection. It is idle from the writing of an answer
// until the first byte of the next request.
type conn struct {
	net.Conn
	listener *listener
	idle     atomic.Bool
	// Of a reader that waits, or has waited, and only used by whose turn it is: by
	// Hertz, or by who waits.
	ahead  []byte  // is to be read before what comes
	parks  *waiter // who waits as soon as Hertz closes the connection
	waited *waiter // who comes back with it
}

// Read reads what the client sends.
func (c *conn) Read(p []byte) (n int, err error) {
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
func (c *conn) Write(p []byte) (int, error) {
	if err := c.SetWriteDeadline(time.Now().Add(c.listener.timeout)); err != nil {
		return 0, err
	}
	n, err := c.Conn.Write(p)
	c.idle.Store(!bytes.HasPrefix(p, interim) && c.ahead == nil)
	return n, err
}

// Close closes the connection, as soon as the client has nothing more to say, and
// forgets it; or if its reader is to wait, lets it.
func (c *conn) Close() error {
	if r := c.parks; r != nil {
		c.parks = nil
		go r.run()
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
