// Package fault has the errors that a client may see.
//
// A code is a row of the API's error table. A fault is an error with a code and a
// message, which clients see, and with a cause, which they do not. An error without
// a code is a defect: clients see that it happened, and nothing of its text.
package fault

import "errors"

// Code is a row of the API's error table: its text is what clients see.
type Code string

// The codes of the API.
const (
	InvalidArgument  Code = "invalid_argument"
	Unauthenticated  Code = "unauthenticated" // no valid token; not stored
	Forbidden        Code = "forbidden"       // not stored
	NotFound         Code = "not_found"
	MethodNotAllowed Code = "method_not_allowed"
	TooLarge         Code = "too_large"
	Misdirected      Code = "misdirected" // it names a host that is not ours
	KeyReused        Code = "key_reused"
	Unavailable      Code = "unavailable" // not stored: a client may try again
	Timeout          Code = "timeout"     // not known whether it is stored
	Internal         Code = "internal"
)

// Error is a fault. Code and Message are shown to clients, Cause is only logged.
type Error struct {
	Code    Code
	Message string
	Cause   error
}

// Error implements error. Its text is for the log.
func (e *Error) Error() string {
	text := string(e.Code) + ": " + e.Message
	if e.Cause != nil {
		text += ": " + e.Cause.Error()
	}
	return text
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Cause }

// Invalid returns a fault that says which field of a request breaks which rule.
func Invalid(field, rule string) error {
	return &Error{Code: InvalidArgument, Message: field + ": " + rule}
}

// Of returns the fault in err. An error without a code becomes the cause of an internal
// one: its text stays in the log.
func Of(err error) *Error {
	if e, ok := errors.AsType[*Error](err); ok {
		return e
	}
	return &Error{Code: Internal, Message: "internal error", Cause: err}
}
