package answer

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/cloudwego/hertz/pkg/app"
	"golang.org/x/time/rate"

	"example.com/im/http-server/fault"
	"example.com/im/http-server/http1"
	"example.com/im/idl/gen/im"
)

// pageOf returns a page with so many bytes of text.
func pageOf(size int) Page {
	return Page{Messages: []*im.Message{{Text: strings.Repeat("x", size)}}}
}

// A long answer is taken from the budget before it is made. A short one never is.
func TestLongAnswersTakeFromTheBudget(t *testing.T) {
	t.Parallel()
	var taken []int
	w := &Writer{Budget: func(_ context.Context, _ *app.RequestContext, bytes int) error {
		taken = append(taken, bytes)
		return nil
	}}
	long := pageOf(http1.MaxCopied)
	for _, v := range []any{Page{}, Sent{Chat: "a:b"}, map[string]string{"a": "b"}, pageOf(100)} {
		w.JSON(t.Context(), app.NewContext(0), http.StatusOK, v)
	}
	if len(taken) != 0 {
		t.Errorf("short answers took %v", taken)
	}
	c := app.NewContext(0)
	w.JSON(t.Context(), c, http.StatusOK, long)
	if !slices.Equal(taken, []int{long.Size()}) || len(c.Response.Body()) <= http1.MaxCopied {
		t.Errorf("an answer of %d bytes took %v; want %d", len(c.Response.Body()), taken, long.Size())
	}
	taken = nil
	w.JSON(t.Context(), app.NewContext(0), http.StatusOK, strings.Repeat("x", http1.MaxCopied)) // it does not know its size
	if len(taken) != 1 || taken[0] <= http1.MaxCopied {
		t.Errorf("an answer that does not know its size took %v", taken)
	}
}

// What the budget does not allow is answered as the error that says so, and is no line of
// the log.
func TestBudgetRefuses(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	w := newWriter(&log, 1)
	w.Budget = func(context.Context, *app.RequestContext, int) error {
		return &fault.Error{Code: fault.Unavailable, Message: "no memory"}
	}
	c := app.NewContext(0)
	w.JSON(t.Context(), c, http.StatusOK, pageOf(http1.MaxCopied))
	got := string(c.Response.Body())
	if want := `{"error":{"code":"unavailable","message":"no memory","request_id":""}}`; c.Response.StatusCode() != http.StatusServiceUnavailable || got != want {
		t.Errorf("answer = %d %s; want %s", c.Response.StatusCode(), got, want)
	}
	if log.Len() != 0 {
		t.Errorf("log = %s", log.String())
	}
}

// Every defect has a line in the log. Those of an outage have some, and those of a client
// none. Clients see no cause.
func TestErrorsAreLogged(t *testing.T) {
	t.Parallel()
	const times = 5
	for name, tc := range map[string]struct {
		err    error
		status int
		lines  int
		header string
	}{
		"a defect":  {errors.New("a secret"), http.StatusInternalServerError, times, ""},
		"an outage": {&fault.Error{Code: fault.Unavailable, Cause: errors.New("a secret")}, http.StatusServiceUnavailable, 2, "Retry-After: 1"},
		"too late":  {&fault.Error{Code: fault.Timeout, Cause: errors.New("a secret")}, http.StatusGatewayTimeout, 2, ""},
		"no token":  {&fault.Error{Code: fault.Unauthenticated}, http.StatusUnauthorized, 0, `Www-Authenticate: Bearer error="invalid_token"`},
		"a client":  {fault.Invalid("chat", "must be a name"), http.StatusBadRequest, 0, ""},
	} {
		var log bytes.Buffer
		w := newWriter(&log, 2)
		for range times {
			c := app.NewContext(0)
			w.Error(t.Context(), c, tc.err)
			if body := string(c.Response.Body()); c.Response.StatusCode() != tc.status || strings.Contains(body, "secret") {
				t.Errorf("%s: %d %s; want %d", name, c.Response.StatusCode(), body, tc.status)
			}
			if head := string(c.Response.Header.Header()); !strings.Contains(strings.ToLower(head), strings.ToLower(tc.header)) {
				t.Errorf("%s: headers %s; want %s", name, head, tc.header)
			}
		}
		if got := strings.Count(log.String(), "\n"); got != tc.lines || got > 0 && !strings.Contains(log.String(), "a secret") {
			t.Errorf("%s: %d lines, %s; want %d", name, got, log.String(), tc.lines)
		}
	}
}

// newWriter returns a writer that logs so many lines of an outage.
func newWriter(log *bytes.Buffer, lines int) *Writer {
	return &Writer{Log: slog.New(slog.NewJSONHandler(log, nil)), Lines: rate.NewLimiter(0, lines)}
}
