package gateway

import (
	"crypto/rand"

	"github.com/cloudwego/hertz/pkg/app"
)

// requestIDHeader carries a request's id, by which the logs of both services name it.
const requestIDHeader = "X-Request-ID"

// maxRequestIDBytes is the length of the longest id taken from a caller.
const maxRequestIDBytes = 128

// setRequestID gives the answer an id and returns it: the caller's, if that is 1 to 128
// visible ASCII characters, or else a new random one.
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

// isVisibleASCII reports whether s is one or more visible ASCII characters.
func isVisibleASCII(s string) bool {
	for i := range len(s) {
		if s[i] <= ' ' || s[i] > '~' {
			return false
		}
	}
	return s != ""
}
