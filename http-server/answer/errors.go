package answer

import (
	"context"
	"log/slog"
	"net/http"

	"github.com/cloudwego/hertz/pkg/app"

	"example.com/im/http-server/fault"
	"example.com/im/http-server/request"
)

// challenge asks for a valid token (RFC 6750, section 3).
const challenge = `Bearer error="invalid_token"`

// Statuses is the error table: the HTTP status of each code.
var Statuses = map[fault.Code]int{
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

// Error answers with err. It logs errors of the service, not those of the request.
func (w *Writer) Error(ctx context.Context, c *app.RequestContext, err error) {
	e := fault.Of(err)
	w.Refuse(ctx, c, e)
	w.logError(ctx, c, e)
}

// Refuse answers with err and logs nothing: whoever refuses something often has a line of
// its own for that. Nothing else writes an error.
func (w *Writer) Refuse(ctx context.Context, c *app.RequestContext, err error) {
	e := fault.Of(err)
	switch e.Code {
	case fault.Unavailable:
		c.Response.Header.Set("Retry-After", "1") // seconds
	case fault.Unauthenticated:
		c.Response.Header.Set("WWW-Authenticate", challenge)
	default:
	}
	w.JSON(ctx, c, Statuses[e.Code], errorReply{errorDetail{e.Code, e.Message, request.ID(c)}})
}

// logError logs an error of the 500s with its cause. It logs every defect. Of the errors
// that an outage or an overload brings it logs only some: the metrics count them all.
func (w *Writer) logError(ctx context.Context, c *app.RequestContext, e *fault.Error) {
	level := slog.LevelWarn
	switch e.Code {
	case fault.Internal:
		level = slog.LevelError
	case fault.Unavailable, fault.Timeout:
		if !w.Lines.Allow() {
			return
		}
	default:
		return
	}
	w.Log.LogAttrs(ctx, level, "request failed",
		slog.String("request_id", request.ID(c)), slog.String("route", request.Route(c)), slog.Any("err", e))
}
