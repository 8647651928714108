package guard

import (
	"net/netip"

	"github.com/cloudwego/hertz/pkg/app"
)

// ForwardedHeader is where a proxy appends the address of its caller.
const ForwardedHeader = "X-Forwarded-For"

// clientOf returns who makes a request.
func (g *Guard) clientOf(c *app.RequestContext) netip.Prefix {
	remote, _ := netip.ParseAddrPort(c.RemoteAddr().String())
	return g.cfg.Peers.Client(remote.Addr(), c.Request.Header.PeekAll(ForwardedHeader))
}
