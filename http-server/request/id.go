package request

import (
	"crypto/rand"
	"strings"

	"github.com/cloudwego/hertz/pkg/app"
)

// IDHeader carries a request's id, by which the logs of both services name it.
const IDHeader = "X-Request-ID"

// MaxIDBytes is the length of the longest id taken from a caller.
const MaxIDBytes = 128

// SetID gives the answer an id and returns it: the caller's, if that is 1 to 128
// visible ASCII characters, or else a new random one.
func SetID(c *app.RequestContext) string {
	id := string(c.Request.Header.Peek(IDHeader))
	if !isVisibleASCII(id) || len(id) > MaxIDBytes {
		id = rand.Text()
	}
	c.Response.Header.Set(IDHeader, id)
	return id
}

// ID returns the id that SetID has set.
func ID(c *app.RequestContext) string {
	return string(c.Response.Header.Peek(IDHeader))
}

// Route returns the path of the handler that a request has found, without a slash at its
// end, or "".
func Route(c *app.RequestContext) string {
	path := c.FullPath()
	if len(path) > 1 {
		return strings.TrimSuffix(path, "/")
	}
	return path
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
