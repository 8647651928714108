package gateway

import (
	"crypto/rand"

	"github.com/cloudwego/hertz/pkg/app"
)

// requestIDHeader carries the id under which a request is found in the logs
// of both services.
const requestIDHeader = "X-Request-ID"

// maxRequestIDBytes is the length of the longest id taken from a caller.
const maxRequestIDBytes = 128

// setRequestID gives the answer the caller's id if that is a sane one, else a
// new random one, and returns it.
func setRequestID(c *app.RequestContext) string {
	id := string(c.Request.Header.Peek(requestIDHeader))
	if !isVisibleASCII(id) || len(id) > maxRequestIDBytes {
		id = rand.Text()
	}
	c.Response.Header.Set(requestIDHeader, id)
	return id
}

// requestID returns the id that setRequestID has set.
func requestID(c *app.RequestContext) string {
	return string(c.Response.Header.Peek(requestIDHeader))
}

// isVisibleASCII reports whether s is made of visible ASCII characters, at
// least one.
func isVisibleASCII(s string) bool {
	for i := range len(s) {
		if s[i] <= ' ' || s[i] > '~' {
			return false
		}
	}
	return s != ""
}
