package gateway

import (
	"context"
	"log/slog"
	"net/http"

	"github.com/cloudwego/hertz/pkg/app"

	"example.com/im/http-server/fault"
)

// statuses is the error table: the HTTP status of each code.
var statuses = map[fault.Code]int{
	fault.InvalidArgument:  http.StatusBadRequest,
	fault.Unauthenticated:  http.StatusUnauthorized,
	fault.Forbidden:        http.StatusForbidden,
	fault.NotFound:         http.StatusNotFound,
	fault.MethodNotAllowed: http.StatusMethodNotAllowed,
	fault.TooLarge:         http.StatusRequestEntityTooLarge,
	fault.Misdirected:      http.StatusMisdirectedRequest,
	fault.KeyReused:        http.StatusUnprocessableEntity,
	fault.Unavailable:      http.StatusServiceUnavailable,
	fault.Timeout:          http.StatusGatewayTimeout,
	fault.Internal:         http.StatusInternalServerError,
}

// errorReply is the body of every error.
type errorReply struct {
	Error errorDetail `json:"error"`
}

type errorDetail struct {
	Code      fault.Code `json:"code"`
	Message   string     `json:"message"`
	RequestID string     `json:"request_id"`
}

// writeError answers with err. It logs errors of the service, not those of the request.
func (s *Server) writeError(ctx context.Context, c *app.RequestContext, err error) {
	e := fault.Of(err)
	answerError(c, e)
	s.logError(ctx, c, e)
}

// answerError answers with e; nothing else writes an error.
func answerError(c *app.RequestContext, e *fault.Error) {
	switch e.Code {
	case fault.Unavailable:
		c.Response.Header.Set("Retry-After", "1") // seconds
	case fault.Unauthenticated:
		c.Response.Header.Set("WWW-Authenticate", challenge)
	default:
	}
	writeJSON(c, statuses[e.Code], errorReply{errorDetail{e.Code, e.Message, requestID(c)}})
}

// logError logs an error of the 500s with its cause. It logs every defect. Of the errors
// that an outage or an overload brings it logs only some: the metrics count them all.
func (s *Server) logError(ctx context.Context, c *app.RequestContext, e *fault.Error) {
	level := slog.LevelWarn
	switch e.Code {
	case fault.Internal:
		level = slog.LevelError
	case fault.Unavailable, fault.Timeout:
		if !s.logLimit.Allow() {
			return
		}
	default:
		return
	}
	s.cfg.Log.LogAttrs(ctx, level, "request failed",
		slog.String("request_id", requestID(c)), slog.String("route", routeOf(c)), slog.Any("err", e))
}
