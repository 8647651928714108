package store

import (
	"cmp"
	"context"
	"math"
	"slices"

	"example.com/im/idl/chat"
)

// InboxQuery asks for one page of a member's inbox.
type InboxQuery struct {
	Member  string // in canonical form
	After   Place  // the last one of the page before; the zero Place begins with the newest
	Limit   int    // chats, at least 1
	Preview int    // bytes of each text; 0: the whole text
}

// Place is a chat's position in an inbox. The chat with the newest message comes first.
// Of chats whose last messages have the same time, the lesser name comes first.
type Place struct {
	SendTime int64 // of its last message
	Chat     chat.Name
}

// compare orders places as an inbox does.
func (p Place) compare(other Place) int {
	return cmp.Or(cmp.Compare(other.SendTime, p.SendTime), cmp.Compare(p.Chat, other.Chat))
}

// Inbox is the answer to an InboxQuery.
type Inbox struct {
	Last   []Message // the last message of each chat, the newest first
	States []State   // one for each
	// HasMore tells whether another page exists.
	HasMore bool
	// Lanes are the clocks at the moment that the page shows.
	Lanes Lanes
}

// Next returns the place after which the next page begins.
func (i Inbox) Next() Place {
	last := i.Last[len(i.Last)-1]
	return Place{last.SendTime, last.Chat}
}

// maxInboxRows bounds the rows in members that one page reads. Beside the rows of the
// page these are the member's chats with messages in the slack before its last one.
const maxInboxRows = 20_000

// Inbox reads one page of a member's inbox, as it is at one moment after the call. So
// it shows what was acknowledged before. Its messages come to at most Limit and
// [chat.MaxPageBytes], and it ends earlier if the unread messages of too many chats take
// long to count. A chat that gets a message moves to the front: a caller who reads on
// neither meets it again nor misses another chat. ctx and the errors are those of
// [Store.Page], and [ErrInboxRows].
//
// The page costs what it shows, and the chats of a minute: see [slack].
func (s *Store) Inbox(ctx context.Context, q InboxQuery) (inbox Inbox, err error) {
	err = s.read(ctx, "inbox", func(snap *snapshot) error {
		places, more, err := snap.places(q)
		if err != nil {
			return err
		}
		inbox = Inbox{HasMore: more, Lanes: snap.lanes}
		return snap.fill(&inbox, q, places)
	})
	return inbox, err
}

// places finds the chats of a page, and whether another page exists.
func (s *snapshot) places(q InboxQuery) (page []Place, more bool, err error) {
	find := s.newestPlaces
	if s.isUnaccounted() {
		find = s.allPlaces
	}
	if page, err = find(q); len(page) > q.Limit {
		return page[:q.Limit], true, err
	}
	return page, false, err
}

// isUnaccounted reports whether the rows of a lane do not tell how new its chats are.
func (s *snapshot) isUnaccounted() bool { return slices.Contains(s.unaccounted[:], true) }

// newestPlaces finds the places of a page, and one more. It reads the rows of the member
// from the newest on, and the exact time of each. A row that it has not read is not newer
// than the last that it has, and its chat not newer than that by the slack. So it ends
// when it has enough that are newer.
func (s *snapshot) newestPlaces(q InboxQuery) (page []Place, err error) {
	row := Place{SendTime: math.MaxInt64}
	if q.After != (Place{}) {
		row.SendTime = max(q.After.SendTime, q.After.SendTime+1) // the rows of that time, too
	}
	oldest := int64(0)                                            // of the rows that may matter
	for read, want := 0, q.Limit+2; ; want = min(2*want, 1_000) { // the first may be that of q.After
		if read > maxInboxRows {
			return nil, ErrInboxRows
		}
		found, last, err := s.rowsFrom(q.Member, row, oldest, want)
		if err != nil {
			return nil, err
		}
		row = last
		read += len(found)
		page = append(page, slices.DeleteFunc(slices.Clone(found), func(p Place) bool { return !q.shows(p) })...)
		slices.SortFunc(page, Place.compare)
		if len(page) > q.Limit {
			page = page[:q.Limit+1]
			oldest = page[q.Limit].SendTime - slack
		}
		if len(found) < want || row.SendTime <= oldest {
			return page, nil
		}
	}
}

// shows reports whether a place comes after the page before.
func (q InboxQuery) shows(p Place) bool { return q.After == (Place{}) || q.After.compare(p) < 0 }

// rowsFrom reads up to n rows of the member, by their times from the newest on, and the
// exact places of their chats. from is the last row read before, or a time below which
// to begin. Rows that are not newer than oldest do not count. (Without the chat in the innermost ORDER BY, MySQL would read and sort all
// messages of the chat. MAX would read them, too.)
func (s *snapshot) rowsFrom(member string, from Place, oldest int64, n int) (found []Place, last Place, err error) {
	const query = "SELECT chat, moved, (SELECT send_time FROM messages WHERE messages.chat = page.chat" +
		" ORDER BY messages.chat DESC, send_time DESC LIMIT 1) AS newest FROM (" +
		"SELECT chat, moved FROM members WHERE member = ? AND moved > ? AND (moved < ? OR moved = ? AND chat < ?)" +
		" ORDER BY moved DESC, chat DESC LIMIT ?) AS page"
	last = from
	err = s.query(3, query, []any{member, oldest, from.SendTime, from.SendTime, string(from.Chat), n}, func(rows row) error {
		var read, p Place
		if err := rows.Scan(&read.Chat, &read.SendTime, &p.SendTime); err != nil {
			return err
		}
		if cmp.Or(cmp.Compare(read.SendTime, last.SendTime), cmp.Compare(read.Chat, last.Chat)) < 0 {
			last = read
		}
		p.Chat = read.Chat
		found = append(found, p)
		return nil
	})
	return found, last, err
}

// allPlaces finds the places of a page, and one more, by a look into each chat of the
// member.
func (s *snapshot) allPlaces(q InboxQuery) (page []Place, err error) {
	after := q.After
	if after == (Place{}) {
		after.SendTime = math.MaxInt64
	}
	// The LIMIT around the select limits nothing. Without it databases merge the selects,
	// and search once for each use of send_time.
	const query = "SELECT chat, send_time FROM (" +
		"SELECT chat, (SELECT send_time FROM messages WHERE messages.chat = members.chat" +
		" ORDER BY messages.chat DESC, send_time DESC LIMIT 1) AS send_time" +
		" FROM members WHERE member = ? AND (moved > 0 OR chat LIKE '%:%') LIMIT 9223372036854775807) AS chats" +
		" WHERE send_time < ? OR send_time = ? AND chat > ? ORDER BY send_time DESC, chat LIMIT ?"
	args := []any{q.Member, after.SendTime, after.SendTime, string(after.Chat), q.Limit + 1}
	err = s.query(2, query, args, func(rows row) error {
		var p Place
		err := rows.Scan(&p.Chat, &p.SendTime)
		page = append(page, p)
		return err
	})
	slices.SortFunc(page, Place.compare)
	return page, err
}
