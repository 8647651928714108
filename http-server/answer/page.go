package answer

import (
	"strconv"

	"example.com/im/idl/gen/im"
)

// Page is a page. The generated code gives messages the JSON names of the API.
type Page struct {
	Messages   []*im.Message `json:"messages"` // never null
	HasMore    bool          `json:"has_more"`
	NextCursor int64         `json:"next_cursor"`
}

// AppendJSON appends the reply. It fails if a string is not UTF-8.
func (r Page) AppendJSON(b []byte) (_ []byte, err error) {
	if b, err = appendMessages(append(b, `{"messages":`...), r.Messages); err != nil {
		return b, err
	}
	b = strconv.AppendBool(append(b, `,"has_more":`...), r.HasMore)
	b = strconv.AppendInt(append(b, `,"next_cursor":`...), r.NextCursor, 10)
	return append(b, '}'), nil
}

// Size returns at most how many bytes the reply takes.
func (r Page) Size() int { return sizeOfPage + sizeOfAll(r.Messages) }
