package gateway

import (
	"github.com/cloudwego/hertz/pkg/app"
	"github.com/cloudwego/hertz/pkg/app/server"
	"github.com/cloudwego/hertz/pkg/common/config"
	"github.com/cloudwego/hertz/pkg/network/standard"
	"github.com/cloudwego/hertz/pkg/protocol"
	hertz "github.com/cloudwego/hertz/pkg/protocol/http1"
	"github.com/cloudwego/hertz/pkg/protocol/suite"
	"github.com/hertz-contrib/obs-opentelemetry/tracing"

	"example.com/im/http-server/http1"
	"example.com/im/http-server/request"
)

// maxHeaderBytes bounds the request line and headers.
const maxHeaderBytes = 16 << 10

// newHertz returns the HTTP server with its routes.
func (s *Server) newHertz() *server.Hertz {
	options := []config.Option{
		server.WithListener(s.ln),
		server.WithOnAccept(http1.WithConn),
		// Netpoll, the other transport, takes four times the CPU for a ping and one
		// and a half times for a send (measured with 64 clients on two cores). It
		// also hangs up on a client that has closed its sending side and waits for
		// the answer. It never hangs up on an idle one.
		server.WithTransport(standard.NewTransporter),
		server.WithExitWaitTime(s.cfg.ExitWait),
		server.WithHandleMethodNotAllowed(true),
		server.WithRedirectTrailingSlash(false),
		// A path is a route as it stands, or there is nothing at it. Otherwise
		// //api/pull, /api%2fpull and /x/../api/pull would pass by the rules that a
		// proxy has for /api/.
		server.WithUseRawPath(true),
		server.WithDisablePrintRoute(true),
		// Bodies belong to requests and answers. Otherwise each connection would keep the
		// longest that it has had, up to 4 MiB, while it is idle.
		server.WithMaxKeepBodySize(0),
	}
	var traced app.HandlerFunc
	if s.cfg.Traces {
		tracer, traces := tracing.NewServerTracer(tracing.WithServerSpanNameFormatter(spanName),
			tracing.WithServerHttpRouteFormatter((*app.RequestContext).FullPath))
		options, traced = append(options, tracer), tracing.ServerMiddleware(traces)
	}
	h := server.New(options...)
	if traced != nil {
		h.Use(traced)
	}
	h.AddProtocol(suite.HTTP1, &http1.Factory{Option: s.http1Option(), Refuse: s.refuse, Panicked: s.logUnread})
	s.addRoutes(h)
	return h
}

// spanName names a request's span by its route. By default a path without a route would be
// in the name, and in the path whatever a client took for part of it, such as a chat.
func spanName(c *app.RequestContext) string {
	if route := c.FullPath(); route != "" {
		return string(c.Method()) + " " + route
	}
	return "HTTP" // as of no known method (https://opentelemetry.io/docs/specs/semconv/http/http-spans/)
}

// http1Option says how requests are read.
func (s *Server) http1Option() hertz.Option {
	return hertz.Option{
		ReadTimeout:                  s.cfg.ReadTimeout,
		IdleTimeout:                  s.cfg.IdleTimeout,
		MaxHeaderBytes:               maxHeaderBytes,
		MaxRequestBodySize:           request.MaxBodyBytes,
		StreamRequestBody:            true, // see readBody
		DisablePreParseMultipartForm: true,
		EnableTrace:                  s.cfg.Traces,
		// A client that asks before it sends too much gets its answer at once. It
		// may still send the body or not, so no other request can follow.
		ContinueHandler: func(header *protocol.RequestHeader) bool {
			tooMuch := header.ContentLength() > request.MaxBodyBytes
			if tooMuch {
				header.SetConnectionClose(true)
			}
			return !tooMuch
		},
	}
}
