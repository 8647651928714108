package guard

import (
	"context"

	"github.com/cloudwego/hertz/pkg/app"

	"example.com/im/http-server/fault"
	"example.com/im/http-server/request"
)

// limitCalls keeps caches from the API's answers, and refuses calls beyond those that may be
// in flight. It refuses none that comes back from waiting.
func (g *Guard) limitCalls(ctx context.Context, c *app.RequestContext) {
	c.Response.Header.Set("Cache-Control", "no-store")
	defer g.calls.Add(-1)
	if g.calls.Add(1) > int64(g.cfg.MaxRequests) && !request.HasWaited(c) {
		g.shed.WithLabelValues(ShedRequests).Inc()
		g.cfg.Answer.Error(ctx, c, &fault.Error{Code: fault.Unavailable, Message: "too many requests at once: try again"})
		c.Abort()
		return
	}
	c.Next(ctx)
}
