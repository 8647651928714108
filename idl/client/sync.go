package client

import (
	"context"
	"iter"
	"net/url"
	"strconv"
	"time"
)

// ReadMark says up to where a member has read in a chat.
type ReadMark struct {
	Chat     string `json:"chat"`
	Member   string `json:"member"`
	SendTime int64  `json:"send_time"` // that of the last message that is read; 0: nothing is
}

// SyncQuery says what to read of a member's news.
type SyncQuery struct {
	Member string
	Cursor string        // NextCursor of other news, or SyncCursor of an inbox; "" is the oldest message
	Limit  int           // messages, at most 1,000; 0 means 100
	Wait   time.Duration // hold an empty page until something is new, at most 30 s
}

// News is what is new for a member in all its chats, after a cursor.
type News struct {
	// Messages are those of any of the member's chats. Those of one chat are in order.
	// Between chats there is no order.
	Messages []Message `json:"messages"`
	// Reads are up to where members of these chats have read, the latest of each.
	Reads []ReadMark `json:"reads"`
	// HasMore tells whether more is there already.
	HasMore bool `json:"has_more"`
	// NextCursor is where to go on. A program that stores it in the same transaction as
	// what it does with Messages does that once for each message, also after a crash.
	NextCursor string `json:"next_cursor"`
}

// Sync reads one page of what is new for a member. Along a chain of cursors each message
// comes exactly once. It repeats a call that has failed while that may help, until ctx is
// done.
func (c *Client) Sync(ctx context.Context, q SyncQuery) (news News, err error) {
	query := url.Values{
		"member":  {q.Member},
		"cursor":  {q.Cursor},
		"limit":   {strconv.Itoa(q.Limit)},
		"wait_ms": {strconv.FormatInt(q.Wait.Milliseconds(), 10)},
	}
	err = c.get(ctx, "/api/sync", query, q.Wait, &news)
	return news, err
}

// FollowAll returns what is new for a member in all its chats from cursor on, and then
// each piece of news, within milliseconds. cursor is NextCursor of the news that came last,
// SyncCursor of an inbox, or "" for the oldest message. Each message comes exactly once.
// News without messages and reads are left out.
//
// FollowAll goes on over lost connections and outages of the service. It ends when ctx is
// done or the service refuses for good; the last pair has the error. The service refuses a
// cursor with more than 10,000 new chats in one of its lanes, and says so in the error that
// comes with the end of ctx: begin at an inbox then.
func (c *Client) FollowAll(ctx context.Context, member, cursor string) iter.Seq2[News, error] {
	return func(yield func(News, error) bool) {
		for {
			news, err := c.Sync(ctx, SyncQuery{Member: member, Cursor: cursor, Limit: followLimit, Wait: followWait})
			if err != nil {
				yield(News{}, err)
				return
			}
			if len(news.Messages)+len(news.Reads) > 0 && !yield(news, nil) {
				return
			}
			cursor = news.NextCursor
		}
	}
}
