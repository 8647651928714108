package load

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"strconv"
	"time"
)

const (
	dialTimeout = 10 * time.Second
	// readBuffer holds a whole answer as a rule; longer ones make it grow.
	readBuffer = 8 << 10
	// maxAnswer bounds an answer: a page has a mebibyte of texts, escaped.
	maxAnswer = 8 << 20
)

// An answer is what came back to a request.
type answer struct {
	status int
	body   []byte // valid until the next answer
	last   bool   // the server closes the connection after it
}

// conn is a connection to a gateway, with one request under way at a time. It knows as
// much of HTTP/1.1 as the gateways' answers need. net/http would take more of the
// machine than the gateway does.
type conn struct {
	net.Conn // nil: to be dialled
	out      []byte
	in       []byte // what was read
	begin    int    // of the part of in that is not used yet
	end      int
}

// connect makes the connection ready for use until deadline; it dials if there is
// none.
func (c *conn) connect(ctx context.Context, addr string, deadline time.Time) error {
	if c.Conn == nil {
		dialer := net.Dialer{Timeout: dialTimeout}
		nc, err := dialer.DialContext(ctx, "tcp", addr)
		if err != nil {
			return err
		}
		c.Conn, c.begin, c.end = nc, 0, 0
	}
	return c.SetDeadline(deadline)
}

// hangUp ends the connection, if there is one.
func (c *conn) hangUp() {
	if c.Conn != nil {
		_ = c.Close()
		c.Conn = nil
	}
}

// exchange makes a request and waits for its answer.
func (c *conn) exchange(request []byte) (answer, error) {
	if _, err := c.Write(request); err != nil {
		return answer{}, err
	}
	return c.read()
}

var (
	headersEnd   = []byte("\r\n\r\n")
	lengthHeader = []byte("\r\nContent-Length: ")
	closeHeader  = []byte("\r\nConnection: close\r\n")
)

// read waits for one answer.
func (c *conn) read() (answer, error) {
	headers := -1
	for headers < 0 {
		if headers = bytes.Index(c.in[c.begin:c.end], headersEnd); headers >= 0 {
			break
		}
		if err := c.more(); err != nil {
			return answer{}, err
		}
	}
	head := c.in[c.begin : c.begin+headers+2]
	status, length, err := parseHead(head)
	if err != nil {
		return answer{}, err
	}
	a := answer{status: status, last: bytes.Contains(head, closeHeader)}
	whole := headers + len(headersEnd) + length
	for c.end-c.begin < whole {
		if err := c.more(); err != nil {
			return answer{}, err
		}
	}
	a.body = c.in[c.begin+whole-length : c.begin+whole]
	c.begin += whole
	return a, nil
}

// parseHead reads the status line and the length of the body.
func parseHead(head []byte) (status, length int, err error) {
	const version = "HTTP/1.1 "
	if len(head) < len(version)+3 || string(head[:len(version)]) != version {
		return 0, 0, fmt.Errorf("no answer of HTTP/1.1: %.40q", head)
	}
	if status, err = strconv.Atoi(string(head[len(version) : len(version)+3])); err != nil {
		return 0, 0, fmt.Errorf("no status: %.40q", head)
	}
	_, rest, found := bytes.Cut(head, lengthHeader)
	digits, _, _ := bytes.Cut(rest, []byte("\r\n"))
	if length, err = strconv.Atoi(string(digits)); !found || err != nil || length < 0 || length > maxAnswer {
		return 0, 0, fmt.Errorf("no usable Content-Length: %.400q", head)
	}
	return status, length, nil
}

// more reads what has come.
func (c *conn) more() error {
	switch {
	case c.begin == c.end:
		c.begin, c.end = 0, 0
		if c.in == nil {
			c.in = make([]byte, readBuffer)
		}
	case c.end == len(c.in) && len(c.in) > 2*maxAnswer:
		return errors.New("the answer is too long")
	case c.end == len(c.in):
		c.in = append(c.in, make([]byte, len(c.in))...)
	}
	n, err := c.Read(c.in[c.end:])
	c.end += n
	return err
}
