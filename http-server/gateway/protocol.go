package gateway

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"sync"

	"github.com/cloudwego/hertz/pkg/app"
	hertzerrors "github.com/cloudwego/hertz/pkg/common/errors"
	"github.com/cloudwego/hertz/pkg/network"
	"github.com/cloudwego/hertz/pkg/protocol"
	"github.com/cloudwego/hertz/pkg/protocol/http1"
	"github.com/cloudwego/hertz/pkg/protocol/http1/resp"
	"github.com/cloudwego/hertz/pkg/protocol/suite"

	"example.com/im/http-server/fault"
)

// maxPeekBytes bounds what Hertz holds of a request at a time: it sets no bound to
// the trailer of a chunked body itself. The largest piece asked for is a body.
const maxPeekBytes = 2 * maxBodyBytes

// http1Factory makes Hertz's HTTP/1 server with what v0.10.4 lacks: it answers a
// request that it cannot read in plain text, and a panic of its parsers, which
// run before any middleware, ends the process. The header "Trailer: ," is enough,
// or the line "GET http: HTTP/1.0".
type http1Factory struct {
	gateway *Server
	option  http1.Option
}

// New is called by Hertz when it starts.
func (f *http1Factory) New(core suite.Core) (protocol.Server, error) {
	h := http1.NewServer()
	h.Option, h.Core = f.option, observedCore{core}
	return &http1Server{f.gateway, h}, nil
}

// observedCore notes on the connection that a request has come to the handlers.
type observedCore struct{ suite.Core }

func (o observedCore) ServeHTTP(ctx context.Context, c *app.RequestContext) {
	if e, ok := c.GetConn().(*exchange); ok {
		e.handled = true
		defer e.endWait()
	}
	o.Core.ServeHTTP(ctx, c)
}

// exchange is a connection in the view of Hertz's HTTP/1 server. Only one
// goroutine uses it.
type exchange struct {
	network.Conn
	begun     bool // a byte of a request has come
	handled   bool // by the handlers: what is written next is their answer
	answering bool // part of it is written
	refused   bool // Hertz could not read the request, and its answer was dropped

	out *[]byte // what is written and not sent, of outputs; nil: nothing

	client *conn
	waiter *waiter // whose request this is, if it waits for a message, or has waited
	parks  bool    // the request is not answered, but waits as soon as Hertz has let go
}

// WriteBinary takes the answers of the handlers and "100 Continue". What Hertz
// itself would answer to a request that it cannot read is dropped. (It does so
// even where none has begun: clients open connections that they do not use, and
// an answer on one would be taken for that to their first request.)
func (e *exchange) WriteBinary(p []byte) (int, error) {
	if e.parks {
		return len(p), nil
	}
	if e.handled || bytes.HasPrefix(p, interim) {
		e.answering = true
		if e.out == nil {
			e.out = outputs.Get().(*[]byte)
		}
		*e.out = append(*e.out, p...)
		return len(p), nil
	}
	e.refused = e.begun
	return len(p), nil
}

// Flush sends what was written: a whole answer, or nothing.
func (e *exchange) Flush() error {
	e.handled, e.answering = false, false
	if e.out == nil {
		return nil
	}
	_, err := e.Write(*e.out)
	if cap(*e.out) <= maxOutput {
		*e.out = (*e.out)[:0]
		outputs.Put(e.out)
	}
	e.out = nil
	return err
}

// outputs are buffers for answers. Hertz would keep one for each connection: as much
// again as it has to keep for what connections read.
var outputs = sync.Pool{New: func() any { return new([]byte) }}

// maxOutput is the largest buffer that is kept.
const maxOutput = 64 << 10

// Peek returns the next n bytes, without moving on.
func (e *exchange) Peek(n int) ([]byte, error) {
	if n > maxPeekBytes && n > e.Len() {
		return nil, hertzerrors.ErrBodyTooLarge
	}
	p, err := e.Conn.Peek(n)
	e.begun = e.begun || e.Len() > 0
	return p, err
}

// http1Server serves connections.
type http1Server struct {
	gateway *Server
	hertz   protocol.Server
}

// Serve serves a connection until it ends, which is never an error.
func (s *http1Server) Serve(ctx context.Context, hertz network.Conn) error {
	e := newExchange(ctx, hertz)
	err := s.serve(ctx, e)
	e.end()
	if e.refused {
		s.gateway.refuse(ctx, hertz, err)
	}
	return nil
}

// serve is Hertz's Serve. A panic of its own is an error of the request: nothing
// else can have brought it about. (Those of the handlers do not come here.)
func (s *http1Server) serve(ctx context.Context, e *exchange) (err error) {
	defer func() {
		if p := recover(); p != nil {
			e.refused = !e.answering
			err = fmt.Errorf("panic: %v", p)
			if s.gateway.logLimit.Allow() {
				s.gateway.cfg.Logger.ErrorContext(ctx, "request not read", "err", err, "stack", string(debug.Stack()))
			}
		}
	}()
	return s.hertz.Serve(ctx, e)
}

// refuse answers a request that could not be read.
func (s *Server) refuse(ctx context.Context, conn network.Conn, err error) {
	c := app.NewContext(0)
	c.SetHandlers(app.HandlersChain{s.observe, func(ctx context.Context, c *app.RequestContext) {
		s.writeError(ctx, c, unreadable(err))
	}})
	c.Next(ctx)
	c.SetConnectionClose()
	if resp.Write(&c.Response, conn) == nil {
		_ = conn.Flush() // the client may be gone
	}
}

// unreadable says which rule a request breaks that Hertz could not read.
func unreadable(err error) error {
	if errors.Is(err, hertzerrors.ErrHeaderTooLarge) {
		return fault.Invalid("request", "the request line and headers must be at most 16384 bytes long")
	}
	return fault.Invalid("request", "must be written as HTTP/1.1 asks for, and arrive whole and in time")
}
