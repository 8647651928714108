package gateway

import (
	"context"
	"errors"
	"runtime/debug"

	"github.com/cloudwego/hertz/pkg/app"
	hertzerrors "github.com/cloudwego/hertz/pkg/common/errors"
	"github.com/cloudwego/hertz/pkg/network"
	"github.com/cloudwego/hertz/pkg/protocol/http1/resp"

	"example.com/im/http-server/fault"
	"example.com/im/http-server/http1"
)

// logUnread logs a panic of Hertz's parsers, with its stack.
func (s *Server) logUnread(ctx context.Context, err error) {
	if s.answer.Lines.Allow() {
		s.cfg.Log.ErrorContext(ctx, "request not read", "err", err, "stack", string(debug.Stack()))
	}
}

// refuse answers a request that Hertz could not read because of err.
func (s *Server) refuse(ctx context.Context, conn network.Conn, err error) {
	c := app.NewContext(0)
	c.SetHandlers(app.HandlersChain{s.observe, func(ctx context.Context, c *app.RequestContext) {
		s.answer.Error(ctx, c, unreadable(err))
	}})
	c.Next(ctx)
	c.SetConnectionClose()
	if resp.Write(&c.Response, conn) == nil {
		_ = conn.Flush() // the client may be gone
	}
}

// unreadable returns the fault of a request that Hertz could not read because of err.
func unreadable(err error) error {
	if errors.Is(err, hertzerrors.ErrHeaderTooLarge) {
		return fault.Invalid("request", "the request line and headers must be at most 16384 bytes long")
	}
	if malformed, ok := errors.AsType[http1.Malformed](err); ok {
		return fault.Invalid("request", "must be written as HTTP/1.1 asks for: "+malformed.Error())
	}
	return fault.Invalid("request", "must be written as HTTP/1.1 asks for, and arrive whole and in time")
}
