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

// Factory makes Hertz's HTTP/1 server, and mends two faults of v0.10.4. To a request
// that it cannot read, Hertz answers in plain text. A panic of its parsers, which run
// before any middleware, ends the process: the header "Trailer: ," is enough, or the
// line "GET http: HTTP/1.0".
type Factory struct {
	Option hertz.Option
	// Refuse answers a request that Hertz could not read; err says why.
	Refuse func(ctx context.Context, conn network.Conn, err error)
	// Panicked is told of a panic of the parsers, while its stack is still there. After
	// it Refuse answers, unless a part of an answer is written.
	Panicked func(ctx context.Context, err error)
}

// New returns the server. Hertz calls it when it starts.
func (f *Factory) New(core suite.Core) (protocol.Server, error) {
	h := hertz.NewServer()
	h.Option, h.Core = f.Option, observedCore{core}
	return &server{
		Factory: f,
		hertz:   h,
		// The largest piece that Hertz has to ask for is a body.
		maxPeek: 2 * f.Option.MaxRequestBodySize,
		outputs: sync.Pool{New: func() any { return new([]byte) }},
	}, nil
}

// observedCore tells the exchange when a request comes to the handlers.
type observedCore struct{ suite.Core }

// ServeHTTP runs the handlers. After them the guest leaves, unless the request is
// parked.
func (o observedCore) ServeHTTP(ctx context.Context, c *app.RequestContext) {
	if e, ok := c.GetConn().(*Exchange); ok {
		e.handled = true
		e.interpret(c)
		defer e.letGo()
	}
	o.Core.ServeHTTP(ctx, c)
}

// server serves connections.
type server struct {
	*Factory
	hertz   protocol.Server
	maxPeek int // bytes of a request that Hertz holds at a time
	// outputs are buffers for answers. Hertz would keep one for each connection. That
	// is as much again as it has to keep for reading.
	outputs sync.Pool
}

// Serve serves a connection until it ends, or its request is parked. It never returns
// an error.
func (s *server) Serve(ctx context.Context, conn network.Conn) error {
	e := newExchange(ctx, s, conn)
	err := s.serve(ctx, e)
	e.end()
	if e.refused {
		s.Refuse(ctx, conn, err)
	}
	return nil
}

// serve is Hertz's Serve, with a panic of its own made an error of the request: nothing
// else can have caused it. (Panics of the handlers do not come here.)
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
