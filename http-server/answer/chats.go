package answer

import (
	"strconv"

	"github.com/go-json-experiment/json/jsontext"

	"example.com/im/idl/gen/im"
)

// Chats is a page of a member's chats. What it leaves out an rpc-server of an earlier
// version does not tell.
type Chats struct {
	Chats      []Chat  `json:"chats"` // never null
	HasMore    bool    `json:"has_more"`
	NextCursor string  `json:"next_cursor"`
	SyncCursor *string `json:"sync_cursor,omitempty"` // of a first page
}

// Chat is a chat of a member, with what an rpc-server tells of it.
type Chat struct {
	Chat        string      `json:"chat"`
	LastMessage *im.Message `json:"last_message"`
	Unread      *int32      `json:"unread,omitempty"`
	Read        *int64      `json:"read,omitempty"` // a send_time
}

// NewChats converts a page, which has the states of all its chats or of none.
func NewChats(page *im.ChatsResponse) Chats {
	r := Chats{make([]Chat, len(page.LastMessages)), page.GetHasMore(), page.GetNextCursor(), page.SyncCursor}
	for i, m := range page.LastMessages {
		r.Chats[i] = Chat{Chat: m.Chat, LastMessage: m}
		if len(page.States) > 0 {
			r.Chats[i].Unread, r.Chats[i].Read = &page.States[i].Unread, &page.States[i].Read_
		}
	}
	return r
}

// AppendJSON appends the reply. It fails if a string is not UTF-8.
func (r Chats) AppendJSON(b []byte) (_ []byte, err error) {
	b = append(b, `{"chats":[`...)
	for i, entry := range r.Chats {
		if i > 0 {
			b = append(b, ',')
		}
		if b, err = entry.appendJSON(b); err != nil {
			return b, err
		}
	}
	if b, err = appendEnd(append(b, ']'), r.HasMore, r.NextCursor); err != nil {
		return b, err
	}
	if r.SyncCursor != nil {
		b, err = jsontext.AppendQuote(append(b, `,"sync_cursor":`...), *r.SyncCursor)
	}
	return append(b, '}'), err
}

func (r Chat) appendJSON(b []byte) (_ []byte, err error) {
	if b, err = jsontext.AppendQuote(append(b, `{"chat":`...), r.Chat); err != nil {
		return b, err
	}
	if b, err = appendMessage(append(b, `,"last_message":`...), r.LastMessage); err != nil {
		return b, err
	}
	if r.Unread != nil {
		b = strconv.AppendInt(append(b, `,"unread":`...), int64(*r.Unread), 10)
	}
	if r.Read != nil {
		b = strconv.AppendInt(append(b, `,"read":`...), *r.Read, 10)
	}
	return append(b, '}'), nil
}

// Size returns at most how many bytes the reply takes.
func (r Chats) Size() int {
	size := sizeOfPage
	for _, entry := range r.Chats {
		size += sizeOfEntry + quoted(entry.Chat) + sizeOf(entry.LastMessage)
	}
	return size
}
