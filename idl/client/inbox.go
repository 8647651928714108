package client

import (
	"context"
	"net/url"
	"strconv"
)

// InboxQuery says which page of a member's inbox to read.
type InboxQuery struct {
	Member  string
	Cursor  string // NextCursor of another page; "" is the newest chat
	Limit   int    // chats, at most 1,000; 0 means 10
	Preview int    // bytes of each text, which ends before a code point that has no room; 0 is the whole text
}

// InboxEntry is a chat as a member sees it.
type InboxEntry struct {
	Chat        string  `json:"chat"`
	LastMessage Message `json:"last_message"` // its Text may be a preview
	Unread      int     `json:"unread"`       // messages by others after Read: exact up to 99, 100 for more
	Read        int64   `json:"read"`         // up to where the member has read, a SendTime; 0: nothing
}

// Inbox is a page of the chats of a member that have messages, the newest first.
type Inbox struct {
	Chats      []InboxEntry `json:"chats"`
	HasMore    bool         `json:"has_more"`    // another page exists
	NextCursor string       `json:"next_cursor"` // where that page starts; "" without more
	// SyncCursor is where Sync and FollowAll begin for what comes after a first page. It is
	// "" in other pages.
	SyncCursor string `json:"sync_cursor"`
}

// Inbox reads a page of a member's inbox. It repeats a call that has failed while that may
// help, until ctx is done.
func (c *Client) Inbox(ctx context.Context, q InboxQuery) (inbox Inbox, err error) {
	query := url.Values{
		"member":  {q.Member},
		"cursor":  {q.Cursor},
		"limit":   {strconv.Itoa(q.Limit)},
		"preview": {strconv.Itoa(q.Preview)},
	}
	err = c.get(ctx, "/api/chats", query, 0, &inbox)
	return inbox, err
}

// MarkRead says that a member has read a chat up to a SendTime, at least 1, and returns
// where the mark stands. It never goes back, nor beyond what the chat can have: a time in
// the future is the present. MarkRead repeats until ctx is done.
func (c *Client) MarkRead(ctx context.Context, m ReadMark) (stands ReadMark, err error) {
	err = c.post(ctx, "/api/read", "", m, &stands)
	return stands, err
}
