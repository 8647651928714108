package http1

import (
	"context"
	"slices"

	"github.com/cloudwego/hertz/pkg/app"
	"github.com/cloudwego/hertz/pkg/network"
)

const (
	// MaxCopied is how many bytes a piece of an answer, such as its body, may have to be
	// copied, so that it leaves with the others in one packet. A longer one is written
	// from where it is.
	MaxCopied = 16 << 10
	// maxOutput is the capacity in bytes of the largest buffer that is kept for further
	// answers.
	maxOutput = 2 * MaxCopied
)

// Exchange is Hertz's view of a connection while it serves it. Only one goroutine
// uses it.
type Exchange struct {
	network.Conn
	server    *server
	begun     bool // a byte of a request has come
	handled   bool // it has come to the handlers: what is written next is their answer
	answering bool // part of that answer is written
	refused   bool // Hertz could not read the request, and its answer was dropped

	stage stage    // of the current request
	head  head     // that was checked
	view  []byte   // of the head: what Hertz has not yet consumed
	body  *chunked // of the current request; nil: it is not chunked

	out  *[]byte // what is written and not yet sent, in one of the server's outputs; nil: nothing
	tail []byte  // what follows it and is not copied
	sent func()  // to be called when the answer is sent, or cannot be; nil: nothing

	client  *Conn
	guest   Guest  // of this request; nil: none
	request []byte // the short request to come back with; nil: not parked
}

// newExchange returns the exchange of a connection that Hertz begins to serve. It takes
// over the guest of a request that comes back.
func newExchange(ctx context.Context, s *server, conn network.Conn) *Exchange {
	e := &Exchange{Conn: conn, server: s}
	e.client, _ = ctx.Value(connKey{}).(*Conn)
	if e.client != nil {
		e.guest, e.client.guest = e.client.guest, nil
	}
	return e
}

// ExchangeOf returns the exchange of a request. A request that Hertz could not read has
// none: for it ExchangeOf returns an empty one, which has no guest and does not park.
func ExchangeOf(c *app.RequestContext) *Exchange {
	if e, ok := c.GetConn().(*Exchange); ok {
		return e
	}
	return &Exchange{}
}

// WriteBinary keeps the handlers' answers and "100 Continue" for Flush. It drops the
// answer to a parked request, and what Hertz itself answers to a request that it cannot
// read. (Hertz answers even where no request has begun. Clients open connections before
// they use them, and would take that for the answer to their first request.)
func (e *Exchange) WriteBinary(p []byte) (int, error) {
	if e.Parks() {
		return len(p), nil
	}
	if e.handled || isInterim(p) {
		e.keep(p)
		return len(p), nil
	}
	e.refused = e.begun
	return len(p), nil
}

// keep keeps a piece of an answer. Hertz leaves the piece as it is until Flush, so a long
// one is not copied, unless another follows it.
func (e *Exchange) keep(p []byte) {
	e.answering = true
	if e.out == nil {
		e.out = e.server.outputs.Get().(*[]byte)
	}
	*e.out = append(*e.out, e.tail...)
	e.tail = nil
	if len(p) > MaxCopied {
		e.tail = p
	} else {
		*e.out = append(*e.out, p...)
	}
}

// Flush sends what was written: a whole answer, or nothing.
func (e *Exchange) Flush() error {
	defer e.isSent()
	e.handled, e.answering = false, false
	if e.out == nil {
		return nil
	}
	_, err := e.Write(*e.out)
	if err == nil && e.tail != nil {
		_, err = e.Write(e.tail)
	}
	if cap(*e.out) <= maxOutput {
		*e.out = (*e.out)[:0]
		e.server.outputs.Put(e.out)
	}
	e.out, e.tail = nil, nil
	return err
}

// OnSent has f called once, when the answer to the request is sent, or cannot be.
func (e *Exchange) OnSent(f func()) {
	e.isSent() // of an answer that this one replaces
	e.sent = f
}

// isSent calls what waits until the answer is sent.
func (e *Exchange) isSent() {
	if e.sent != nil {
		e.sent()
		e.sent = nil
	}
}

// Guest returns the guest that waits, or has waited, for the request; nil if there is
// none.
func (e *Exchange) Guest() Guest { return e.guest }

// LetIn makes g the guest of the request, which may come to be parked.
func (e *Exchange) LetIn(g Guest) { e.guest = g }

// Park makes the request's guest wait as soon as Hertz has let go of c. No answer is
// written. The request comes back as the bytes of request. A guest must have been let
// in ([Exchange.LetIn]).
func (e *Exchange) Park(c *app.RequestContext, request []byte) {
	e.request = request
	c.SetConnectionClose()
}

// Parks reports whether the request is parked instead of answered.
func (e *Exchange) Parks() bool { return e.request != nil }

// letGo lets the guest leave, unless the request is parked.
func (e *Exchange) letGo() {
	if e.guest != nil && !e.Parks() {
		e.guest.Leave()
		e.guest = nil
	}
}

// end hands a parked request over to its connection, which Hertz no longer serves and
// is about to close.
func (e *Exchange) end() {
	e.isSent() // if Hertz gave the answer up
	e.letGo()
	if !e.Parks() {
		return
	}
	ahead, _ := e.Conn.Peek(e.Conn.Len()) // what Hertz has read of further requests
	e.client.ahead = slices.Concat(ahead, e.client.ahead)
	e.client.guest, e.client.request = e.guest, e.request
}
