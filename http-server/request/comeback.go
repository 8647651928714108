package request

import (
	"bytes"
	"fmt"
	"net/url"

	"github.com/cloudwego/hertz/pkg/app"

	"example.com/im/http-server/http1"
)

// ComeBack returns the short request with which a parked one comes back, to the same path
// with this query. It has what Hertz, the middlewares and the handler still need of the
// first. The caller comes back with it ([BringBack]).
func ComeBack(c *app.RequestContext, query url.Values) []byte {
	if who := CallerOf(c); who.Asked() {
		query.Set(callerKey, who.Member)
	}
	header := &c.Request.Header
	protocol, connection := "HTTP/1.1", "keep-alive"
	if !header.IsHTTP11() {
		protocol = "HTTP/1.0"
	}
	if header.ConnectionClose() {
		connection = "close"
	}
	var b bytes.Buffer
	fmt.Fprintf(&b, "%s %s?%s %s\r\nHost: waits\r\nConnection: %s\r\n%s: %s\r\n",
		c.Method(), c.FullPath(), query.Encode(), protocol, connection, IDHeader, ID(c))
	if origin := header.Peek("Origin"); len(origin) > 0 {
		fmt.Fprintf(&b, "Origin: %s\r\n", origin)
	}
	b.WriteString("\r\n")
	return bytes.Clone(b.Bytes()) // it is kept for long, without the room to grow
}

// HasWaited reports whether a request comes back from waiting. It passed all checks when it
// came, and has left behind what they look at, such as its Host and its token.
func HasWaited(c *app.RequestContext) bool { return http1.ExchangeOf(c).Guest() != nil }

// BringBack gives a request that has waited the caller with which it was parked.
func BringBack(c *app.RequestContext) {
	SetCaller(c, Caller{Member: string(c.QueryArgs().Peek(callerKey))})
}
