package gateway

import (
	"bytes"
	"fmt"
	"net/url"

	"github.com/cloudwego/hertz/pkg/app"
)

// comeBack returns the short request with which a parked one comes back. It has what
// Hertz, the middlewares and the handler still need of the first.
func comeBack(c *app.RequestContext, query url.Values) []byte {
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
		c.Method(), c.FullPath(), query.Encode(), protocol, connection, requestIDHeader, requestID(c))
	if origin := header.Peek("Origin"); len(origin) > 0 {
		fmt.Fprintf(&b, "Origin: %s\r\n", origin)
	}
	b.WriteString("\r\n")
	return bytes.Clone(b.Bytes()) // it is kept for long, without the room to grow
}
