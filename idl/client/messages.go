package client

import (
	"context"
	"crypto/rand"
	"iter"
	"net/url"
	"strconv"
	"time"
)

// Message is a message of a chat.
type Message struct {
	Chat     string `json:"chat"`      // "<member1>:<member2>", or a group's name, without a colon
	Sender   string `json:"sender"`    // one of its members
	Text     string `json:"text"`      // 1 to 16,384 bytes of UTF-8
	SendTime int64  `json:"send_time"` // microseconds since 1970, set by the service, unique in the chat

	// Added and Removed are who came into a group and who went, if the message is a change
	// of it. Both are empty in all other messages, and Send ignores them.
	Added   []string `json:"added"`
	Removed []string `json:"removed"`

	// Key is the Idempotency-Key of a send, 1 to 128 visible ASCII characters. For ""
	// Send makes a new one. A program that keeps a key with a message before it sends
	// it can send it again after a crash. Messages that are read have no key.
	Key string `json:"-"`
}

// Send stores m once. When m is on disk, Send returns it as it is stored. It repeats,
// until ctx is done, a send that was refused or whose outcome is not known. An [*Error]
// says that m is not stored, unless ctx is done, too: then the outcome is not known, and
// it is safe to call Send with the same Key again. 30 s are a good time for ctx.
func (c *Client) Send(ctx context.Context, m Message) (Message, error) {
	if m.Key == "" {
		m.Key = rand.Text()
	}
	err := c.post(ctx, "/api/send", m.Key, map[string]string{"chat": m.Chat, "sender": m.Sender, "text": m.Text}, &m)
	return m, err
}

// Query says which page to read.
type Query struct {
	Chat    string
	Cursor  int64         // a SendTime, inclusive; 0 is the oldest, or with Reverse the newest
	Limit   int           // messages, at most 1,000; 0 means 10
	Reverse bool          // newest first
	Wait    time.Duration // hold an empty page until a message arrives, at most 30 s; not with Reverse
}

// Page is an answer to a Query.
type Page struct {
	Messages   []Message `json:"messages"`
	HasMore    bool      `json:"has_more"`    // another page exists
	NextCursor int64     `json:"next_cursor"` // where that page starts, or the next message will be
}

// Pull reads one page. It repeats a pull that has failed while that may help, until ctx
// is done.
func (c *Client) Pull(ctx context.Context, q Query) (page Page, err error) {
	query := url.Values{
		"chat":    {q.Chat},
		"cursor":  {strconv.FormatInt(q.Cursor, 10)},
		"limit":   {strconv.Itoa(q.Limit)},
		"reverse": {strconv.FormatBool(q.Reverse)},
		"wait_ms": {strconv.FormatInt(q.Wait.Milliseconds(), 10)},
	}
	err = c.get(ctx, "/api/pull", query, q.Wait, &page)
	return page, err
}

const (
	// followLimit is the size of a follower's pages, in messages.
	followLimit = 100
	// followWait is for how long one of its calls waits for news.
	followWait = 30 * time.Second
)

// Follow returns the messages of a chat from cursor on, each once and in order, and then
// each new one, within milliseconds. cursor is a SendTime, or 0 for the oldest message.
// Follow ends when ctx is done or the service refuses for good; the last pair has the
// error. To go on later, begin at the last SendTime + 1.
func (c *Client) Follow(ctx context.Context, chat string, cursor int64) iter.Seq2[Message, error] {
	return func(yield func(Message, error) bool) {
		for {
			page, err := c.Pull(ctx, Query{Chat: chat, Cursor: cursor, Limit: followLimit, Wait: followWait})
			if err != nil {
				yield(Message{}, err)
				return
			}
			for _, m := range page.Messages {
				if !yield(m, nil) {
					return
				}
			}
			cursor = page.NextCursor
		}
	}
}
