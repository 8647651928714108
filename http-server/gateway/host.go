package gateway

import (
	"context"

	"github.com/cloudwego/hertz/pkg/app"

	"example.com/im/http-server/fault"
	"example.com/im/http-server/request"
)

// checkHost refuses requests that name a host by which the gateway may not be called
// (RFC 9110, 15.5.20), but for health checks.
func (s *Server) checkHost(ctx context.Context, c *app.RequestContext) {
	if s.hosts.Allow(string(c.Host())) || request.HasWaited(c) {
		return
	}
	switch request.Route(c) {
	case pingPath, healthPath, readyPath:
		return
	}
	c.Response.Header.Set("Cache-Control", "no-store")
	s.answer.Error(ctx, c, &fault.Error{
		Code:    fault.Misdirected,
		Message: "this host is not served here, and nothing is stored: ALLOWED_HOSTS does not name it",
	})
	c.Abort()
}
