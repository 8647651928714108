package http1

import (
	"context"
	"slices"

	"github.com/cloudwego/hertz/pkg/app"
	"github.com/cloudwego/hertz/pkg/common/errors"
	"github.com/cloudwego/hertz/pkg/network"
)

// maxOutput is the largest buffer for answers that is kept.
const maxOutput = 64 << 10

// Exchange is a connection in the view of Hertz's HTTP/1 server. Only one
// goroutine uses it.
type Exchange struct {
	network.Conn
	server    *server
	begun     bool // a byte of a request has come
	handled   bool // by the handlers: what is written next is their answer
	answering bool // part of it is written
	refused   bool // Hertz could not read the request, and its answer was dropped

	out *[]byte // what is written and not sent, of the server's outputs; nil: nothing

	client  *Conn
	guest   Guest  // as which this request waits, or has waited
	request []byte // with which it comes back; nil: it is not parked
}

// newExchange returns the view of a connection that Hertz begins to serve.
func newExchange(ctx context.Context, s *server, conn network.Conn) *Exchange {
	e := &Exchange{Conn: conn, server: s}
	e.client, _ = ctx.Value(connKey{}).(*Conn)
	if e.client != nil {
		e.guest, e.client.guest = e.client.guest, nil
	}
	return e
}

// ExchangeOf returns the exchange of a request, or one without a connection.
func ExchangeOf(c *app.RequestContext) *Exchange {
	if e, ok := c.GetConn().(*Exchange); ok {
		return e
	}
	return &Exchange{}
}

// WriteBinary takes the answers of the handlers and "100 Continue". What Hertz
// itself would answer to a request that it cannot read is dropped. (It does so
// even where none has begun: clients open connections that they do not use, and
// an answer on one would be taken for that to their first request.)
func (e *Exchange) WriteBinary(p []byte) (int, error) {
	if e.Parks() {
		return len(p), nil
	}
	if e.handled || isInterim(p) {
		e.answering = true
		if e.out == nil {
			e.out = e.server.outputs.Get().(*[]byte)
		}
		*e.out = append(*e.out, p...)
		return len(p), nil
	}
	e.refused = e.begun
	return len(p), nil
}

// Flush sends what was written: a whole answer, or nothing.
func (e *Exchange) Flush() error {
	e.handled, e.answering = false, false
	if e.out == nil {
		return nil
	}
	_, err := e.Write(*e.out)
	if cap(*e.out) <= maxOutput {
		*e.out = (*e.out)[:0]
		e.server.outputs.Put(e.out)
	}
	e.out = nil
	return err
}

// Peek returns the next n bytes, without moving on.
func (e *Exchange) Peek(n int) ([]byte, error) {
	if n > e.server.maxPeek && n > e.Len() {
		return nil, errors.ErrBodyTooLarge
	}
	p, err := e.Conn.Peek(n)
	e.begun = e.begun || e.Len() > 0
	return p, err
}

// Guest returns as what the request waits, or has waited; nil: as nothing.
func (e *Exchange) Guest() Guest { return e.guest }

// LetIn says as what the request waits, if it comes to be parked.
func (e *Exchange) LetIn(g Guest) { e.guest = g }

// Park makes the request wait, as soon as Hertz has let go of it. Nothing of its
// answer is written. It comes back as the request given.
func (e *Exchange) Park(c *app.RequestContext, request []byte) {
	e.request = request
	c.SetConnectionClose()
}

// Parks reports whether the request is not answered, but waits.
func (e *Exchange) Parks() bool { return e.request != nil }

// letGo lets the guest leave, unless the request waits.
func (e *Exchange) letGo() {
	if e.guest != nil && !e.Parks() {
		e.guest.Leave()
		e.guest = nil
	}
}

// end is called when Hertz serves the connection no more, and is about to close it.
func (e *Exchange) end() {
	e.letGo()
	if !e.Parks() {
		return
	}
	ahead, _ := e.Peek(e.Len()) // is there already
	e.client.ahead = slices.Concat(ahead, e.client.ahead)
	e.client.guest, e.client.request = e.guest, e.request
}
