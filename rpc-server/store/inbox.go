package store

import (
	"context"
	"database/sql"
	"math"

	"example.com/im/idl/chat"
)

// InboxQuery asks for one page of a member's chats.
type InboxQuery struct {
	Member string // in canonical form
	After  Place  // the last one of the page before; the zero Place begins with the newest
	Limit  int    // chats, at least 1
}

// args are the arguments of the statement that reads the page, and the row after
// it.
func (q InboxQuery) args() []any {
	after := q.After
	if after == (Place{}) {
		after.SendTime = math.MaxInt64
	}
	return []any{q.Member, after.SendTime, after.SendTime, string(after.Chat), q.Limit + 1, q.Limit + 1}
}

// Place is where a chat stands among those of a member: the chat with the newest
// message comes first, and of chats whose last messages have one time the one whose
// name is less.
type Place struct {
	SendTime int64 // of its last message
	Chat     chat.Name
}

// Inbox is the answer to an InboxQuery.
type Inbox struct {
	Last []Message // of each chat the last message, the newest first
	// HasMore tells whether another page exists.
	HasMore bool
}

// Next returns the place after which the next page begins.
func (i Inbox) Next() Place {
	last := i.Last[len(i.Last)-1]
	return Place{last.SendTime, last.Chat}
}

// Inbox reads one page of the chats that a member has, as they are at one moment,
// which is after the call: so it shows what was acknowledged before. Its messages
// come to at most Limit and [chat.MaxPageBytes]. A chat that gets a message moves to
// the front: who reads on does not meet it again, nor miss one of the others. ctx
// and the errors are those of [Store.Page].
//
// Each chat of the member costs a look into the index, whatever the page shows: for
// that reason it is one statement, although it may read texts for which a page has
// no room.
func (s *Store) Inbox(ctx context.Context, q InboxQuery) (Inbox, error) {
	giveBack, err := s.slots.take(ctx)
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

// inboxSQL finds the last message of each chat by one look into the index. MAX would
// read all messages of the chat. Without the chat in the innermost ORDER BY, MySQL
// would read and sort them all. The LIMIT around it limits nothing: it keeps databases
// from taking the selects for one, with a look for each place where send_time stands.
// The outermost one keeps them from dropping the order.
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
