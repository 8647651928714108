package answer

import (
	"strconv"

	"github.com/go-json-experiment/json/jsontext"

	"example.com/im/idl/gen/im"
)

// Members is a page of a chat's members.
type Members struct {
	Members    []Member `json:"members"` // never null
	HasMore    bool     `json:"has_more"`
	NextCursor string   `json:"next_cursor"`
}

// Member is a member of a chat, and up to where it has read.
type Member struct {
	Member string `json:"member"`
	Read   int64  `json:"read"` // a send_time
}

// NewMembers converts a page of an rpc-server.
func NewMembers(page *im.MembersResponse) Members {
	r := Members{make([]Member, len(page.Members)), page.GetHasMore(), page.GetNextCursor()}
	for i, m := range page.Members {
		r.Members[i] = Member{m.Member, m.Read_}
	}
	return r
}

// AppendJSON appends the reply. It fails if a string is not UTF-8.
func (r Members) AppendJSON(b []byte) (_ []byte, err error) {
	b = append(b, `{"members":[`...)
	for i, m := range r.Members {
		if i > 0 {
			b = append(b, ',')
		}
		if b, err = jsontext.AppendQuote(append(b, `{"member":`...), m.Member); err != nil {
			return b, err
		}
		b = append(strconv.AppendInt(append(b, `,"read":`...), m.Read, 10), '}')
	}
	b, err = appendEnd(append(b, ']'), r.HasMore, r.NextCursor)
	return append(b, '}'), err
}
