package gateway

import (
	"context"
	"errors"
	"log/slog"
	"net/http"

	"github.com/cloudwego/hertz/pkg/app"
)

// code is a row of the API's error table: its text is what clients see.
type code string

// The codes of the API.
const (
	invalidArgument  code = "invalid_argument"
	notFound         code = "not_found"
	methodNotAllowed code = "method_not_allowed"
	tooLarge         code = "too_large"
	keyReused        code = "key_reused"
	unavailable      code = "unavailable" // not stored: a client may try again
	timeout          code = "timeout"     // not known whether it is stored
	internal         code = "internal"
)

// statuses is the error table: the HTTP status of each code.
var statuses = map[code]int{
	invalidArgument:  http.StatusBadRequest,
	notFound:         http.StatusNotFound,
	methodNotAllowed: http.StatusMethodNotAllowed,
	tooLarge:         http.StatusRequestEntityTooLarge,
	keyReused:        http.StatusUnprocessableEntity,
	unavailable:      http.StatusServiceUnavailable,
	timeout:          http.StatusGatewayTimeout,
	internal:         http.StatusInternalServerError,
}

// apiError is an error that a client may see: code and message are shown, the
// cause is only logged.
type apiError struct {
	code    code
	message string
	cause   error
}

func (e *apiError) Error() string {
	text := string(e.code) + ": " + e.message
	if e.cause != nil {
		text += ": " + e.cause.Error()
	}
	return text
}

func (e *apiError) Unwrap() error { return e.cause }

// invalid says which field of a request breaks which rule.
func invalid(field, rule string) error {
	return &apiError{code: invalidArgument, message: field + ": " + rule}
}

// asAPIError finds the error that a client may see. What has no code is
// internal, and its text stays in the log.
func asAPIError(err error) *apiError {
	if e, ok := errors.AsType[*apiError](err); ok {
		return e
	}
	return &apiError{code: internal, message: "internal error", cause: err}
}

// errorReply is the body of every error.
type errorReply struct {
	Error errorDetail `json:"error"`
}

type errorDetail struct {
	Code      code   `json:"code"`
	Message   string `json:"message"`
	RequestID string `json:"request_id"`
}

// writeError answers with err. Faults of the service, not those of the request,
// go to the log.
func (s *Server) writeError(ctx context.Context, c *app.RequestContext, err error) {
	e := asAPIError(err)
	answerError(c, e)
	s.logError(ctx, c, e)
}

// answerError answers with e; nothing else writes an error.
func answerError(c *app.RequestContext, e *apiError) {
	if e.code == unavailable {
		c.Response.Header.Set("Retry-After", "1") // seconds
	}
	writeJSON(c, statuses[e.code], errorReply{errorDetail{e.code, e.message, requestID(c)}})
}

// logError logs an error of the 500s with its cause. A defect is always
// logged; of what an outage or an overload brings, only some: the metrics count
// all of it.
func (s *Server) logError(ctx context.Context, c *app.RequestContext, e *apiError) {
	level := slog.LevelWarn
	switch e.code {
	case internal:
		level = slog.LevelError
	case unavailable, timeout:
		if !s.logLimit.Allow() {
			return
		}
	default:
		return
	}
	s.cfg.Logger.LogAttrs(ctx, level, "request failed",
		slog.String("request_id", requestID(c)), slog.String("route", c.FullPath()), slog.Any("err", e))
}
