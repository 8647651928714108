package gateway

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"runtime/debug"
	"time"

	"github.com/bytedance/gopkg/cloud/metainfo"
	"github.com/cloudwego/hertz/pkg/app"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/trace"

	"example.com/im/http-server/fault"
	"example.com/im/http-server/http1"
	"example.com/im/http-server/request"
	"example.com/im/idl"
)

// observe is the outermost middleware: it gives the request its id, which also
// goes to the rpc-server, and counts and logs the answer.
func (s *Server) observe(ctx context.Context, c *app.RequestContext) {
	start := time.Now()
	s.metrics.inFlight.Inc()
	defer s.metrics.inFlight.Dec()
	id := request.SetID(c)
	trace.SpanFromContext(ctx).SetAttributes(attribute.String(idl.RequestIDKey, id))
	c.Next(metainfo.WithValue(ctx, idl.RequestIDKey, id))
	if http1.ExchangeOf(c).Parks() {
		return // it comes back, and is answered then
	}

	status := c.Response.StatusCode()
	if status == http.StatusBadRequest && !c.Response.HasBodyBytes() {
		status = s.answerNoPath(ctx, c)
	}
	if s.draining.Load() {
		c.SetConnectionClose() // the client's next connection goes elsewhere
	}
	took := time.Since(start)
	s.metrics.answered(request.Route(c), status, took)
	if s.cfg.Log.Enabled(ctx, slog.LevelDebug) {
		s.cfg.Log.LogAttrs(ctx, slog.LevelDebug, "request",
			slog.String("request_id", id), slog.String("method", string(c.Method())),
			slog.String("path", string(c.Path())), slog.Int("status", status), slog.Duration("took", took))
	}
}

// answerNoPath answers a request without a path, for which Hertz looks for no handler. It
// returns the status.
func (s *Server) answerNoPath(ctx context.Context, c *app.RequestContext) int {
	if string(c.Request.Header.RequestURI()) == "*" { // OPTIONS: all that some path has
		c.Response.Header.Set("Allow", "OPTIONS, GET, HEAD, POST")
		c.SetStatusCode(http.StatusNoContent)
	} else { // such as http://host?query
		s.answer.Error(ctx, c, fault.Invalid("request", "must have an absolute path"))
	}
	return c.Response.StatusCode()
}

// recover answers a panic with an internal error.
func (s *Server) recover(ctx context.Context, c *app.RequestContext) {
	defer func() {
		if p := recover(); p != nil {
			s.answer.Error(ctx, c, fmt.Errorf("panic: %v\n%s", p, debug.Stack()))
		}
	}()
	c.Next(ctx)
}
