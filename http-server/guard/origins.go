package guard

import (
	"bytes"
	"context"
	"slices"
	"strings"

	"github.com/cloudwego/hertz/pkg/app"

	"example.com/im/http-server/fault"
	"example.com/im/http-server/request"
)

// defaultPorts are what an authority without a port means (RFC 9110, 4.2.1 and 4.2.2).
var defaultPorts = map[string]string{"http": ":80", "https": ":443"}

// refuseForeign refuses what pages of origins send that may not call: the browser would
// keep the answer from such a page, but the message would be stored. It lets requests
// pass that name no origin, because no browser sends a page's POST without.
func (g *Guard) refuseForeign(ctx context.Context, c *app.RequestContext) {
	if g.isForeign(c) && !request.HasWaited(c) {
		c.Response.Header.Set("Cache-Control", "no-store")
		g.cfg.Answer.Error(ctx, c, &fault.Error{
			Code:    fault.Forbidden,
			Message: "web pages of this origin may not call, and nothing is stored: CORS_ORIGINS does not name it",
		})
		c.Abort()
	}
}

// isForeign reports whether a request is a page's whose origin is neither in CORS_ORIGINS
// nor the gateway's own.
func (g *Guard) isForeign(c *app.RequestContext) bool {
	origin := string(c.Request.Header.Peek("Origin"))
	return origin != "" && !slices.Contains(g.cfg.CORSOrigins, "*") && !slices.Contains(g.cfg.CORSOrigins, origin) &&
		!isOwn(origin, string(c.Host()), c.Request.Header.Peek("Sec-Fetch-Site"))
}

// isOwn reports whether an origin is that of the gateway, to which a request has come
// under the authority host. A proxy that ends TLS changes the scheme, so the scheme tells
// only which port an authority without one means. A proxy may also change the host. Then
// the browser's word counts, which no page can change (site; W3C Fetch Metadata, 2.3).
// "null" is the origin of pages that have none, and nobody's own (RFC 6454, 7.1).
func isOwn(origin, host string, site []byte) bool {
	scheme, authority, _ := strings.Cut(origin, "://")
	port, ok := defaultPorts[scheme]
	return ok && (bytes.Equal(site, []byte("same-origin")) ||
		strings.EqualFold(strings.TrimSuffix(authority, port), strings.TrimSuffix(host, port)))
}
