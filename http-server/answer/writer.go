// Package answer is what clients are answered: the replies of the API's calls, errors and
// files, and how they are written.
//
// A reply is the answer to a call that has succeeded. Frequent replies write themselves. A
// reply that may be long, such as a page, knows how long it is at most before it is
// written. An answer is long if it takes more than a connection does anyway
// ([http1.MaxCopied]). Long ones have a budget.
package answer

import (
	"context"
	"log/slog"
	"slices"

	"github.com/cloudwego/hertz/pkg/app"
	"github.com/go-json-experiment/json"
	"golang.org/x/time/rate"

	"example.com/im/http-server/http1"
)

// Writer writes answers, and logs errors of the service.
type Writer struct {
	Log *slog.Logger
	// Lines bounds the log lines of errors that an outage or an overload brings.
	Lines *rate.Limiter
	// Budget takes so many bytes for a long answer, or returns the fault that says why not.
	// Nil: there is no bound.
	Budget func(ctx context.Context, c *app.RequestContext, bytes int) error
}

// JSON answers with v. Frequent answers write themselves (AppendJSON): it takes a third of
// the time. Those that may be long say how long at most (Size). If the budget does not
// allow a long one, the answer is the error that says so.
func (w *Writer) JSON(ctx context.Context, c *app.RequestContext, status int, v any) {
	size := 0
	if long, ok := v.(interface{ Size() int }); ok {
		size = long.Size()
	}
	if !w.affords(ctx, c, size) {
		return
	}
	buffer := c.Response.BodyBuffer()
	body := slices.Grow(buffer.B[:0], size)
	var err error
	if own, ok := v.(interface{ AppendJSON([]byte) ([]byte, error) }); ok {
		body, err = own.AppendJSON(body)
	} else {
		body, err = json.Marshal(v)
	}
	if err != nil { // a string that is not UTF-8
		panic(err)
	}
	if size == 0 && !w.affords(ctx, c, cap(body)) {
		return
	}
	if buffer.B = body; cap(body) > http1.MaxCopied {
		buffer.B = nil // it goes to other answers, which would keep so much memory
		c.Response.SetBodyRaw(body)
	}
	c.Response.SetStatusCode(status)
	c.Response.Header.SetContentType("application/json")
	c.Response.Header.Set("X-Content-Type-Options", "nosniff") // a text may look like HTML
}

// affords reports whether an answer of this size is short or within its budget. If it is
// not, affords answers with the error that says so.
func (w *Writer) affords(ctx context.Context, c *app.RequestContext, size int) bool {
	if size <= http1.MaxCopied || w.Budget == nil {
		return true
	}
	if err := w.Budget(ctx, c, size); err != nil {
		w.Refuse(ctx, c, err)
		return false
	}
	return true
}
