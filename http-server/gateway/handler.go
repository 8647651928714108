package gateway

import (
	"context"
	"net/http"

	"github.com/cloudwego/hertz/pkg/app"

	"example.com/im/http-server/request"
)

// handler returns the handler of a call of the API: it parses the request, asks the
// rpc-servers, and answers with their reply. Of an error of theirs a caller sees what it may
// ([request.Caller.Shown]). A reply of nil says that the request waits, and comes back.
func handler[Q any](s *Server, parse func(*app.RequestContext) (Q, error),
	ask func(context.Context, *app.RequestContext, Q) (reply any, err error),
) app.HandlerFunc {
	return func(ctx context.Context, c *app.RequestContext) {
		q, err := parse(c)
		if err != nil {
			s.answer.Error(ctx, c, err)
			return
		}
		reply, err := ask(ctx, c, q)
		if err != nil {
			s.answer.Error(ctx, c, request.CallerOf(c).Shown(err))
			return
		}
		if reply != nil {
			s.answer.JSON(ctx, c, http.StatusOK, reply)
		}
	}
}
