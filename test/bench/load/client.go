package load

import (
	"context"
	"strings"
	"time"
)

// Client is one connection to a gateway, for one request at a time.
type Client struct {
	conn *conn
	addr string
}

// NewClient returns a client of the gateway at url, which it connects to when it
// has to.
func NewClient(url string) *Client {
	return &Client{conn: new(conn), addr: strings.TrimPrefix(url, "http://")}
}

// Do makes request n, and waits for the answer until the time is up. The body is
// valid until the next call.
func (c *Client) Do(ctx context.Context, request Request, n uint64, timeout time.Duration) (status int, body []byte, err error) {
	if err := c.conn.connect(ctx, c.addr, time.Now().Add(timeout)); err != nil {
		return 0, nil, err
	}
	c.conn.out = request(c.conn.out[:0], n)
	a, err := c.conn.exchange(c.conn.out)
	if err != nil || a.last {
		c.conn.hangUp()
	}
	return a.status, a.body, err
}

// Close ends the connection.
func (c *Client) Close() { c.conn.hangUp() }
