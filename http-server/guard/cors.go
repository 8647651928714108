package guard

import (
	"context"
	"slices"
	"strings"

	"github.com/cloudwego/hertz/pkg/app"
	"github.com/cloudwego/hertz/pkg/protocol/consts"

	"example.com/im/http-server/answer"
	"example.com/im/http-server/request"
)

// cors lets the pages of the allowed origins call the API. (The ready-made middleware,
// hertz-contrib/cors, answers those of others 403 without a body.)
func cors(origins []string) app.HandlerFunc {
	all := slices.Contains(origins, "*")
	methods := strings.Join([]string{consts.MethodGet, consts.MethodHead, consts.MethodPost, consts.MethodOptions}, ", ")
	// The last three are those of a page that is traced: https://www.w3.org/TR/trace-context/
	// and https://www.w3.org/TR/baggage/.
	headers := strings.Join([]string{"Content-Type", request.TokenHeader, request.KeyHeader, request.IDHeader, "traceparent", "tracestate", "baggage"}, ", ")
	exposed := strings.Join([]string{request.IDHeader, answer.ReplayedHeader, "Retry-After", "WWW-Authenticate"}, ", ")
	return func(_ context.Context, c *app.RequestContext) {
		origin := string(c.Request.Header.Peek("Origin"))
		header := &c.Response.Header
		if !all {
			header.Add("Vary", "Origin") // caches must not mix up the origins
		}
		switch {
		case origin == "" || !all && !slices.Contains(origins, origin):
			return
		case all:
			header.Set("Access-Control-Allow-Origin", "*")
		default:
			header.Set("Access-Control-Allow-Origin", origin)
		}
		header.Set("Access-Control-Expose-Headers", exposed)
		if isPreflight(c) {
			header.Set("Access-Control-Allow-Methods", methods)
			header.Set("Access-Control-Allow-Headers", headers)
			header.Set("Access-Control-Max-Age", "7200") // seconds; no browser takes more than some hours
		}
	}
}

// isPreflight reports whether a browser asks what a page may send.
func isPreflight(c *app.RequestContext) bool {
	return string(c.Method()) == consts.MethodOptions &&
		len(c.Request.Header.Peek("Access-Control-Request-Method")) > 0
}
