package gateway

import (
	"github.com/cloudwego/hertz/pkg/app"
	"github.com/go-json-experiment/json"

	"example.com/im/idl/gen/im"
)

// sendReply is the answer to a send.
type sendReply struct {
	Chat     string `json:"chat"`
	SendTime int64  `json:"send_time"` // microseconds since 1970
}

// pullReply is a page. The message's JSON names in the generated code are
// those of the API.
type pullReply struct {
	Messages   []*im.Message `json:"messages"` // never null
	HasMore    bool          `json:"has_more"`
	NextCursor int64         `json:"next_cursor"`
}

// writeJSON answers with v. The encoder escapes nothing that JSON does not ask
// for, so that texts stay as they are, and writes a nil slice as [].
func writeJSON(c *app.RequestContext, status int, v any) {
	body, err := json.Marshal(v)
	if err != nil { // a string that is not UTF-8
		panic(err)
	}
	c.Response.SetStatusCode(status)
	c.Response.Header.SetContentType("application/json")
	c.Response.Header.Set("X-Content-Type-Options", "nosniff") // a text may look like HTML
	c.Response.SetBodyRaw(body)
}
