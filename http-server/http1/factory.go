package http1

import (
	"context"
	"fmt"
	"sync"

	"github.com/cloudwego/hertz/pkg/app"
	"github.com/cloudwego/hertz/pkg/network"
	"github.com/cloudwego/hertz/pkg/protocol"
	hertz "github.com/cloudwego/hertz/pkg/protocol/http1"
	"github.com/cloudwego/hertz/pkg/protocol/suite"
)

// Factory makes Hertz's HTTP/1 server with what v0.10.4 lacks: it answers a request
// that it cannot read in plain text, and a panic of its parsers, which run before any
// middleware, ends the process. The header "Trailer: ," is enough, or the line
// "GET http: HTTP/1.0".
type Factory struct {
	Option hertz.Option
	// Refuse answers a request that could not be read, and why.
	Refuse func(ctx context.Context, conn network.Conn, err error)
	// Panicked is told of a panic of the parsers, while its stack is still there. The
	// request is refused after it.
	Panicked func(ctx context.Context, err error)
}

// New is called by Hertz when it starts.
func (f *Factory) New(core suite.Core) (protocol.Server, error) {
	h := hertz.NewServer()
	h.Option, h.Core = f.Option, observedCore{core}
	return &server{
		Factory: f,
		hertz:   h,
		// Hertz sets no bound to the trailer of a chunked body itself. The largest
		// piece asked for is a body.
		maxPeek: 2 * f.Option.MaxRequestBodySize,
		outputs: sync.Pool{New: func() any { return new([]byte) }},
	}, nil
}

// observedCore notes on the connection that a request has come to the handlers.
type observedCore struct{ suite.Core }

// ServeHTTP handles a request.
func (o observedCore) ServeHTTP(ctx context.Context, c *app.RequestContext) {
	if e, ok := c.GetConn().(*Exchange); ok {
		e.handled = true
		defer e.letGo()
	}
	o.Core.ServeHTTP(ctx, c)
}

// server serves connections.
type server struct {
	*Factory
	hertz   protocol.Server
	maxPeek int // bytes of a request that Hertz holds at a time
	// outputs are buffers for answers. Hertz would keep one for each connection: as
	// much again as it has to keep for what connections read.
	outputs sync.Pool
}

// Serve serves a connection until it ends, which is never an error.
func (s *server) Serve(ctx context.Context, conn network.Conn) error {
	e := newExchange(ctx, s, conn)
	err := s.serve(ctx, e)
	e.end()
	if e.refused {
		s.Refuse(ctx, conn, err)
	}
	return nil
}

// serve is Hertz's Serve. A panic of its own is an error of the request: nothing
// else can have brought it about. (Those of the handlers do not come here.)
func (s *server) serve(ctx context.Context, e *Exchange) (err error) {
	defer func() {
		if p := recover(); p != nil {
			e.refused = !e.answering
			err = fmt.Errorf("panic: %v", p)
			s.Panicked(ctx, err)
		}
	}()
	return s.hertz.Serve(ctx, e)
}
