package store

import (
	"context"
	"database/sql"
	"math"

	"example.com/im/idl/chat"
)

// InboxQuery asks for one page of a member's inbox.
type InboxQuery struct {
	Member string // in canonical form
	After  Place  // the last one of the page before; the zero Place begins with the newest
	Limit  int    // chats, at least 1
}

// args are the arguments of the statement that reads the page, and one row more.
func (q InboxQuery) args() []any {
	after := q.After
	if after == (Place{}) {
		after.SendTime = math.MaxInt64
	}
	return []any{q.Member, after.SendTime, after.SendTime, string(after.Chat), q.Limit + 1, q.Limit + 1}
}

// Place is a chat's position in an inbox. The chat with the newest message comes first.
// Of chats whose last messages have the same time, the lesser name comes first.
type Place struct {
	SendTime int64 // of its last message
	Chat     chat.Name
}

// Inbox is the answer to an InboxQuery.
type Inbox struct {
	Last []Message // the last message of each chat, the newest first
	// HasMore tells whether another page exists.
	HasMore bool
}

// Next returns the place after which the next page begins.
func (i Inbox) Next() Place {
	last := i.Last[len(i.Last)-1]
	return Place{last.SendTime, last.Chat}
}

// Inbox reads one page of a member's inbox, as it is at one moment after the call. So
// it shows what was acknowledged before. Its messages come to at most Limit and
// [chat.MaxPageBytes]. A chat that gets a message moves to the front: a caller who
// reads on neither meets it again nor misses another chat. ctx and the errors are those
// of [Store.Page].
//
// Each chat of the member costs one search in the index, whatever the page shows. So
// one statement does it all, although it may read texts for which the page has no room.
func (s *Store) Inbox(ctx context.Context, q InboxQuery) (Inbox, error) {
	giveBack, err := s.readSlots.take(ctx)
	if err != nil {
		return Inbox{}, err
	}
	defer giveBack()
	rows, err := s.inbox.QueryContext(onlyTrace(ctx), q.args()...)
	if err != nil {
		return Inbox{}, s.failed("read inbox", err)
	}
	defer func() { _ = rows.Close() }()
	inbox, err := scanInbox(rows, q.Limit)
	if err != nil {
		return Inbox{}, s.failed("read inbox", err)
	}
	return inbox, nil
}

// scanInbox takes the rows for which a page has room.
func scanInbox(rows *sql.Rows, limit int) (inbox Inbox, err error) {
	bytes := 0
	var server serverTold
	for rows.Next() {
		var m Message
		if err := rows.Scan(&m.SendTime, &m.Sender, &m.Chat, &m.Text); err != nil {
			return Inbox{}, err
		}
		if m.SendTime == serverRow {
			_ = server.Scan(m.Sender)
			continue
		}
		bytes += len(m.Text)
		if len(inbox.Last) == limit || bytes > chat.MaxPageBytes {
			inbox.HasMore = true
			continue
		}
		inbox.Last = append(inbox.Last, m)
	}
	return inbox, server.whole(rows)
}

// inboxSQL finds the last message of each chat by one search in the index. MAX would
// read all messages of the chat. Without the chat in the innermost ORDER BY, MySQL
// would read and sort them all. The LIMIT around it limits nothing: without it
// databases merge the selects, and search once for each use of send_time. The outermost
// LIMIT keeps them from dropping the order.
func (d dialect) inboxSQL() string {
	return d.withServerRow(inboxSQL, ", '', ''")
}

const inboxSQL = "SELECT m.send_time, m.sender, m.chat, m.text FROM (" +
	"SELECT chat, send_time FROM (" +
	"SELECT chat, (SELECT send_time FROM messages WHERE messages.chat = members.chat" +
	" ORDER BY messages.chat DESC, send_time DESC LIMIT 1) AS send_time" +
	" FROM members WHERE member = ? LIMIT 9223372036854775807) AS chats" +
	" WHERE send_time < ? OR send_time = ? AND chat > ? ORDER BY send_time DESC, chat LIMIT ?) AS page" +
	" JOIN messages AS m ON m.chat = page.chat AND m.send_time = page.send_time ORDER BY page.send_time DESC, page.chat LIMIT ?"
