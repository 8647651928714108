package gateway

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/cloudwego/hertz/pkg/app"
	"github.com/cloudwego/hertz/pkg/network"
)

// A request that waits in one of Hertz's handlers (v0.10.4) costs 15 KB of memory:
// the stack of a goroutine that has made a call, buffers, the request's context. So
// it does not wait there. Hertz is made to believe that it has answered and closed
// the connection; what is left is the connection and a short request, with which it
// later comes back, through all middlewares, as the first of a new connection.

// newExchange returns the view of a connection that Hertz begins to serve.
func newExchange(ctx context.Context, hertz network.Conn) *exchange {
	e := &exchange{Conn: hertz}
	e.client, _ = ctx.Value(clientKey{}).(*conn)
	if e.client != nil {
		e.waiter, e.client.waited = e.client.waited, nil
	}
	return e
}

// exchangeOf returns the exchange of a request, or one without a connection.
func exchangeOf(c *app.RequestContext) *exchange {
	if e, ok := c.GetConn().(*exchange); ok {
		return e
	}
	return &exchange{}
}

// park makes the request wait. Nothing of its answer is written.
func (e *exchange) park(c *app.RequestContext, p pull) {
	e.waiter.looked()
	e.waiter.request = comeBack(c, p)
	e.parks = true
	c.SetConnectionClose()
}

// endWait lets a request that has waited go, unless it goes on waiting.
func (e *exchange) endWait() {
	if e.waiter != nil && !e.parks {
		e.waiter.leave()
		e.waiter = nil
	}
}

// end is called when Hertz serves the connection no more, and is about to close it.
func (e *exchange) end() {
	e.endWait()
	if !e.parks {
		return
	}
	ahead, _ := e.Peek(e.Len()) // is there already
	e.client.ahead = slices.Concat(ahead, e.client.ahead)
	e.client.parks = e.waiter
}

// comeBack returns the request with which one that waits comes back. It has of the
// first what is still of interest: to Hertz, to the middlewares, and to the handler.
func comeBack(c *app.RequestContext, p pull) []byte {
	query := url.Values{
		"chat":   {string(p.chat)},
		"cursor": {strconv.FormatInt(p.request.Cursor, 10)},
		"limit":  {strconv.Itoa(int(p.request.Limit))},
	}
	header := &c.Request.Header
	protocol, connection := "HTTP/1.1", "keep-alive"
	if !header.IsHTTP11() {
		protocol = "HTTP/1.0"
	}
	if header.ConnectionClose() {
		connection = "close"
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s?%s %s\r\nHost: waits\r\nConnection: %s\r\n%s: %s\r\n",
		c.Method(), c.FullPath(), query.Encode(), protocol, connection, requestIDHeader, requestID(c))
	if origin := header.Peek("Origin"); len(origin) > 0 {
		fmt.Fprintf(&b, "Origin: %s\r\n", origin)
	}
	b.WriteString("\r\n")
	return []byte(b.String())
}
