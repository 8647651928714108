package store

import (
	"context"
	"math"

	"example.com/im/idl/chat"
)

// Query asks for one page of a chat.
type Query struct {
	Chat    chat.Name
	Cursor  int64 // a send_time, inclusive; with Reverse 0 means the newest
	Limit   int   // messages, at least 1
	Reverse bool  // newest first
}

// start returns the send_time at which reading starts.
func (q Query) start() int64 {
	if q.Reverse && q.Cursor == 0 {
		return math.MaxInt64
	}
	return q.Cursor
}

// Page is the answer to a Query.
type Page struct {
	Messages []Message
	// HasMore tells whether another page exists.
	HasMore bool
	// NextCursor starts the next page, and never leads back to what was read. Without
	// more it is where later messages will be found, or with Reverse one before the
	// oldest. An empty page keeps its cursor.
	NextCursor int64
}

// chunk is the largest number of rows in one read. A page may ask for 1,000 messages,
// and its bytes may fill it after 64.
const chunk = 128

// Page reads one page, by the clustered index, from the cursor on. Its cost does not
// depend on how deep in the chat the page is. Its messages come to at most Limit and
// [chat.MaxPageBytes]. An error is [ErrBusy], [ErrUnavailable], [ErrConflict] or a
// defect.
//
// ctx bounds the wait for a read slot. Page refuses at once a wait that would take too
// much of ctx's time. It finishes a read under way, because the driver could end that
// only by closing its connection.
func (s *Store) Page(ctx context.Context, q Query) (Page, error) {
	giveBack, err := s.readSlots.take(ctx)
	if err != nil {
		return Page{}, err
	}
	defer giveBack()
	page := Page{NextCursor: q.Cursor}
	bytes := 0
	for cursor := q.start(); ; {
		want := min(q.Limit+1-len(page.Messages), chunk)
		rows, err := s.find(onlyTrace(ctx), q, cursor, want)
		if err != nil {
			return Page{}, s.failed("read page", err)
		}
		for _, row := range rows {
			bytes += len(row.Text)
			if len(page.Messages) == q.Limit || bytes > chat.MaxPageBytes {
				page.HasMore, page.NextCursor = true, row.SendTime
				return page, nil
			}
			page.Messages = append(page.Messages, row)
			cursor = after(row.SendTime, q.Reverse)
		}
		if len(rows) < want {
			if len(page.Messages) > 0 {
				page.NextCursor = cursor
			}
			return page, nil
		}
	}
}

// find reads up to n messages from cursor on. It is the one query of a pull.
func (s *Store) find(ctx context.Context, q Query, cursor int64, n int) ([]Message, error) {
	query := s.ascending
	if q.Reverse {
		query = s.descending
	}
	rows, err := query.QueryContext(ctx, string(q.Chat), cursor, n)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	messages := make([]Message, 0, n)
	var server serverTold
	for rows.Next() {
		m := Message{Chat: q.Chat}
		if err := rows.Scan(&m.SendTime, &m.Sender, &m.Text, &m.Change); err != nil {
			return nil, err
		}
		if m.SendTime == serverRow {
			_ = server.Scan(m.Sender)
			continue
		}
		messages = append(messages, m)
	}
	return messages, server.whole(rows)
}

// pageSQL reads messages of a chat, from a send_time on.
func (d dialect) pageSQL(reverse bool) string {
	query := "SELECT send_time, sender, text, membership FROM messages WHERE chat = ? AND send_time >= ? ORDER BY send_time LIMIT ?"
	if reverse {
		query = "SELECT send_time, sender, text, membership FROM messages WHERE chat = ? AND send_time <= ? ORDER BY send_time DESC LIMIT ?"
	}
	return d.withServerRow(query, ", '', ''")
}

// after returns the cursor of what follows the message with this sendTime.
func after(sendTime int64, reverse bool) int64 {
	if reverse {
		return sendTime - 1
	}
	return sendTime + 1
}
