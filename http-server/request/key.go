package request

import (
	"github.com/cloudwego/hertz/pkg/app"

	"example.com/im/http-server/fault"
)

// KeyHeader carries the key by which a call that is made again is known.
const KeyHeader = "Idempotency-Key"

// Key returns the idempotency key of a call, or nil if there is none. An error is a fault.
func Key(c *app.RequestContext) (*string, error) {
	switch values := c.Request.Header.PeekAll(KeyHeader); len(values) {
	case 0:
		return nil, nil
	case 1:
		key := string(values[0])
		return &key, nil
	}
	return nil, fault.Invalid(KeyHeader, "must be given once")
}
