package guard

import (
	"context"
	"slices"

	"github.com/cloudwego/hertz/pkg/app"

	"example.com/im/http-server/fault"
	"example.com/im/http-server/request"
)

// checkHost refuses requests that name a host by which the gateway may not be called
// (RFC 9110, 15.5.20), but for the routes that may be called by any.
func (g *Guard) checkHost(ctx context.Context, c *app.RequestContext) {
	if g.hosts.Allow(string(c.Host())) || request.HasWaited(c) || slices.Contains(g.cfg.ByAnyHost, request.Route(c)) {
		return
	}
	c.Response.Header.Set("Cache-Control", "no-store")
	g.cfg.Answer.Error(ctx, c, &fault.Error{
		Code:    fault.Misdirected,
		Message: "this host is not served here, and nothing is stored: ALLOWED_HOSTS does not name it",
	})
	c.Abort()
}
