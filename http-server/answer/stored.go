package answer

import (
	"strconv"

	"github.com/cloudwego/hertz/pkg/app"
	"github.com/go-json-experiment/json/jsontext"
)

// ReplayedHeader marks the answer to a key that was known.
const ReplayedHeader = "Idempotent-Replayed"

// MarkReplayed marks the answer if the key was known.
func MarkReplayed(c *app.RequestContext, known bool) {
	if known {
		c.Response.Header.Set(ReplayedHeader, "true")
	}
}

// Sent is the answer to a send.
type Sent struct {
	Chat     string `json:"chat"`
	SendTime int64  `json:"send_time"` // microseconds since 1970
}

// AppendJSON appends the reply. It fails if a string is not UTF-8.
func (r Sent) AppendJSON(b []byte) ([]byte, error) {
	b, err := jsontext.AppendQuote(append(b, `{"chat":`...), r.Chat)
	b = strconv.AppendInt(append(b, `,"send_time":`...), r.SendTime, 10)
	return append(b, '}'), err
}

// Changed is the answer to a change of a group.
type Changed struct {
	Chat     string `json:"chat"`
	SendTime int64  `json:"send_time"` // microseconds since 1970
	Members  int32  `json:"members"`   // in the group
}

// AppendJSON appends the reply. It fails if a string is not UTF-8.
func (r Changed) AppendJSON(b []byte) ([]byte, error) {
	b, err := jsontext.AppendQuote(append(b, `{"chat":`...), r.Chat)
	b = strconv.AppendInt(append(b, `,"send_time":`...), r.SendTime, 10)
	b = strconv.AppendInt(append(b, `,"members":`...), int64(r.Members), 10)
	return append(b, '}'), err
}

// Mark says up to where a member has read in a chat.
type Mark struct {
	Chat     string `json:"chat"`
	Member   string `json:"member"`
	SendTime int64  `json:"send_time"` // microseconds since 1970
}

// AppendJSON appends the reply. It fails if a string is not UTF-8.
func (r Mark) AppendJSON(b []byte) ([]byte, error) {
	return appendMark(b, r.Chat, r.Member, r.SendTime)
}
