package gateway

import (
	"context"
	"errors"
	"net"
	"os"
	"time"
)

// maxAhead is how many bytes of further requests a client may send while its reader
// waits, and is still watched.
const maxAhead = 4 << 10

// clientKey is the context key of a connection's *conn.
type clientKey struct{}

// withClient makes a connection known to its handlers, who see only what Hertz
// makes of it.
func withClient(c net.Conn) context.Context {
	return context.WithValue(context.Background(), clientKey{}, c)
}

// awaitClient waits until the client has left, which it reports, or the read deadline
// is there. A client that merely says that it sends nothing more counts as one that
// has left: the two look the same. What the client sends is kept.
func (c *conn) awaitClient() (left bool) {
	for some := make([]byte, 64); len(c.ahead) < maxAhead; {
		n, err := c.Conn.Read(some)
		c.ahead = append(c.ahead, some[:n]...)
		if err != nil {
			return !errors.Is(err, os.ErrDeadlineExceeded)
		}
	}
	return false
}

// interrupt ends an awaitClient under way.
func (c *conn) interrupt() { _ = c.SetReadDeadline(time.Unix(1, 0)) }

// restore gives the client its time to send again, after awaitClient.
func (c *conn) restore() { _ = c.SetReadDeadline(time.Now().Add(c.listener.timeout)) }
