package client

import (
	"context"
	"crypto/rand"
	"iter"
	"net/url"
	"strconv"
)

// Change says who is to come into a group and who is to go.
type Change struct {
	Chat   string   `json:"chat"` // the group's name, without a colon
	By     string   `json:"by"`   // a member; the first change of a name makes the group, with By in it
	Add    []string `json:"add,omitempty"`
	Remove []string `json:"remove,omitempty"` // with Add at most 100 names; a group has at most 1,000 members

	// Key is the Idempotency-Key of the change, see [Message].
	Key string `json:"-"`
}

// Changed says how a group is after a change.
type Changed struct {
	Chat     string `json:"chat"`
	SendTime int64  `json:"send_time"` // of the message that tells of the change, or of the latest change if there was nothing to change
	Members  int    `json:"members"`   // in the group
}

// ChangeMembers changes who is in a group, once. To add who is there, or to remove who is
// not, is no error. It repeats, until ctx is done, a change that was refused or whose
// outcome is not known, as [Client.Send] does. An [*Error] with the Code "forbidden" says
// that By is not in the group, or that the last member has left it: then it stays closed.
func (c *Client) ChangeMembers(ctx context.Context, change Change) (changed Changed, err error) {
	if change.Key == "" {
		change.Key = rand.Text()
	}
	err = c.post(ctx, "/api/members", change.Key, change, &changed)
	return changed, err
}

// Member is in a chat.
type Member struct {
	Member string `json:"member"` // the canonical name
	Read   int64  `json:"read"`   // up to where the member has read, a SendTime; 0: nothing
}

// membersLimit is the size of the pages in which Members reads.
const membersLimit = 100

// Members returns who is in a chat, in the order of their names. Each page of 100 is as it
// is at one moment after the call. Members ends with a pair that has an error when ctx is
// done or the service refuses for good. An [*Error] with the Code "not_found" says that
// nobody has made the group.
func (c *Client) Members(ctx context.Context, chat string) iter.Seq2[Member, error] {
	return func(yield func(Member, error) bool) {
		query := url.Values{"chat": {chat}, "limit": {strconv.Itoa(membersLimit)}}
		for more := true; more; {
			var page struct {
				Members    []Member
				HasMore    bool   `json:"has_more"`
				NextCursor string `json:"next_cursor"`
			}
			if err := c.get(ctx, "/api/members", query, 0, &page); err != nil {
				yield(Member{}, err)
				return
			}
			for _, m := range page.Members {
				if !yield(m, nil) {
					return
				}
			}
			query.Set("cursor", page.NextCursor)
			more = page.HasMore
		}
	}
}
