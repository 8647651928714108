package http1

import (
	"errors"
	"io"
	"time"

	"github.com/cloudwego/hertz/pkg/app"
	hertzerrors "github.com/cloudwego/hertz/pkg/common/errors"
)

// stage is what Hertz reads next of a connection.
type stage int

const (
	readsHead stage = iota
	readsBody       // or nothing, while handlers run
	awaits          // the first bytes of the next request
)

// errView is the error of a head that Hertz reads differently than parseHead.
var errView = errors.New("parseHead and Hertz do not agree where the head ends")

// SetReadTimeout notices which stage comes. After an answer Hertz first sets the time to
// wait for the next request, and waits; then it sets the time to read it.
func (e *Exchange) SetReadTimeout(timeout time.Duration) error {
	switch e.stage {
	case readsBody:
		e.stage = awaits
	case awaits:
		e.stage = readsHead
	}
	return e.Conn.SetReadTimeout(timeout)
}

// Peek returns the next n bytes without consuming them. Of a head Hertz gets nothing
// before all of it has come and was checked, and then only the head until it has consumed
// it. Peek fails with a [Malformed], and when Hertz asks for more than it may hold of a
// request.
func (e *Exchange) Peek(n int) ([]byte, error) {
	switch {
	case e.stage == readsHead:
		if err := e.readHead(); err != nil {
			return nil, err
		}
	case e.stage == awaits && e.body != nil:
		// The handlers have not read it, or not to its end.
		if err := e.body.discard(e.server.Option.MaxRequestBodySize); err != nil {
			return nil, err
		}
		e.body = nil
	}
	if len(e.view) > 0 {
		if n > len(e.view) {
			return nil, errView
		}
		return e.view[:n], nil
	}
	if n > e.server.maxPeek && n > e.Len() {
		return nil, hertzerrors.ErrBodyTooLarge
	}
	return e.Conn.Peek(n)
}

// Len returns how many bytes are there.
func (e *Exchange) Len() int {
	if len(e.view) > 0 {
		return len(e.view)
	}
	return e.Conn.Len()
}

// Skip consumes bytes. Those of the head are consumed at once.
func (e *Exchange) Skip(n int) error {
	if len(e.view) == 0 {
		return e.Conn.Skip(n)
	}
	if n != len(e.view) {
		return errView
	}
	e.view = nil
	return nil
}

// readHead waits for a head, checks it, and makes it what Hertz sees.
func (e *Exchange) readHead() (err error) {
	most := e.server.Option.MaxHeaderBytes
	for n := 1; ; n = e.Conn.Len() + 1 {
		_, err = e.Conn.Peek(n)
		e.begun = e.begun || e.Conn.Len() > 0
		if err != nil {
			if errors.Is(err, io.EOF) && e.Conn.Len() > 0 {
				err = errIncomplete
			}
			return err
		}
		b, err := e.Conn.Peek(min(e.Conn.Len(), most))
		if err != nil {
			return err
		}
		e.head, err = parseHead(b)
		switch {
		case err == nil:
			e.stage, e.view = readsBody, b[e.head.start:e.head.end]
			return e.Conn.Skip(e.head.end)
		case !errors.Is(err, errIncomplete):
			return err
		case len(b) == most:
			return hertzerrors.ErrHeaderTooLarge
		}
	}
}

// interpret tells the handlers, and Hertz, what Hertz has not understood of the head.
func (e *Exchange) interpret(c *app.RequestContext) {
	if e.head.closes { // Hertz looks for "close" alone, in lower case
		c.Request.Header.SetConnectionClose(true)
		c.SetConnectionClose()
	}
	if e.head.chunked {
		e.body = &chunked{from: e.Conn, spare: e.server.Option.MaxHeaderBytes}
		c.Request.ConstructBodyStream(c.Request.BodyBuffer(), e.body)
	}
}
