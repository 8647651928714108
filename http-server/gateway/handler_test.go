package gateway

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"strings"
	"testing"

	"github.com/cloudwego/hertz/pkg/app"
	"golang.org/x/time/rate"

	"example.com/im/http-server/answer"
	"example.com/im/http-server/fault"
	"example.com/im/http-server/request"
)

// A handler answers with what the rpc-servers reply, or with the first error. Of an error of
// theirs a caller sees what it may; one of its own request it sees as it is.
func TestHandler(t *testing.T) {
	t.Parallel()
	s := &Server{answer: &answer.Writer{Log: slog.New(slog.DiscardHandler), Lines: rate.NewLimiter(0, 0)}}
	forbidden := &fault.Error{Code: fault.Forbidden, Message: "as the test has it"}
	for name, tc := range map[string]struct {
		parsed, asked error
		reply         any
		status        int
		body          string
	}{
		"a reply":           {nil, nil, answer.Sent{Chat: "a:b"}, http.StatusOK, `{"chat":"a:b","send_time":0}`},
		"it waits":          {nil, nil, nil, http.StatusOK, ""},
		"its own error":     {forbidden, errors.New("it is asked"), nil, http.StatusForbidden, "as the test has it"},
		"of an rpc-server":  {nil, forbidden, nil, http.StatusForbidden, "only members of this chat"},
		"a defect":          {nil, errors.New("a secret"), nil, http.StatusInternalServerError, "internal error"},
		"a reply and error": {nil, forbidden, answer.Sent{}, http.StatusForbidden, "only members of this chat"},
	} {
		c := app.NewContext(0)
		request.SetCaller(c, request.Caller{Member: "ann"})
		handler(s, func(*app.RequestContext) (int, error) { return 7, tc.parsed },
			func(_ context.Context, _ *app.RequestContext, q int) (any, error) {
				if q != 7 {
					t.Errorf("%s: asked for %d", name, q)
				}
				return tc.reply, tc.asked
			})(t.Context(), c)
		body := string(c.Response.Body())
		if c.Response.StatusCode() != tc.status || !strings.Contains(body, tc.body) || tc.body == "" && body != "" {
			t.Errorf("%s: %d %s; want %d %s", name, c.Response.StatusCode(), body, tc.status, tc.body)
		}
	}
}
