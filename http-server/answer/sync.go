package answer

import (
	"example.com/im/idl/gen/im"
)

// Sync is what is new for a member. The generated code gives messages and marks the
// JSON names of the API.
type Sync struct {
	Messages   []*im.Message  `json:"messages"` // never null
	Reads      []*im.ReadMark `json:"reads"`    // never null
	HasMore    bool           `json:"has_more"`
	NextCursor string         `json:"next_cursor"`
}

// NewSync converts what an rpc-server tells.
func NewSync(page *im.SyncResponse) Sync {
	return Sync{page.Messages, page.Reads, page.GetHasMore(), page.GetNextCursor()}
}

// AppendJSON appends the reply. It fails if a string is not UTF-8.
func (r Sync) AppendJSON(b []byte) (_ []byte, err error) {
	if b, err = appendMessages(append(b, `{"messages":`...), r.Messages); err != nil {
		return b, err
	}
	b = append(b, `,"reads":[`...)
	for i, mark := range r.Reads {
		if i > 0 {
			b = append(b, ',')
		}
		if b, err = appendMark(b, mark.Chat, mark.Member, mark.SendTime); err != nil {
			return b, err
		}
	}
	b, err = appendEnd(append(b, ']'), r.HasMore, r.NextCursor)
	return append(b, '}'), err
}

// Size returns at most how many bytes the reply takes.
func (r Sync) Size() int {
	size := sizeOfPage + sizeOfAll(r.Messages)
	for _, mark := range r.Reads {
		size += sizeOfMark + quoted(mark.Chat) + quoted(mark.Member)
	}
	return size
}
