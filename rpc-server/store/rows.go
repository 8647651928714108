package store

import (
	"database/sql"
	"time"

	"example.com/im/idl/chat"
)

// A chat has a row in the table members for each of its members, made with its first
// message. The row says how new the chat is, and lets inboxes and syncs read no more than
// they show:
//
//	moved ≤ the chat's newest message < moved + slack
//	the chat's newest message, or move of a read mark < touched + slack
//
// So a busy chat moves its rows once in the slack, not with each message. moved is 0 while
// the chat is not in the member's inbox, because the member has left the group.

// slack is how much older than its chat a row may become, in microseconds.
const slack = int64(time.Minute / time.Microsecond)

// rememberedChats bounds the chats whose rows a store remembers: to about 12 MB, or 60
// MB if all names have the greatest length.
const rememberedChats = 100_000

// rowTimes are those of a chat's rows. What an instance remembers may be older than the
// rows, because another instance has moved them, and is never newer.
type rowTimes struct{ moved, touched int64 }

// An inboxRow stands for all rows of a chat in a batch.
type inboxRow struct {
	rowTimes      // before the batch; after it once it is written
	found    bool // there are rows
	known    bool // they are remembered
	newest   int64
	latest   int64
	members  []any // strings: of a group whose rows are to be moved
}

// toMove reports whether the batch has to move the rows.
func (r *inboxRow) toMove() bool { return r.newest-r.moved >= slack }

// toTouch reports whether the batch has to touch the rows.
func (r *inboxRow) toTouch() bool { return r.latest-r.touched >= slack }

// inboxRows are those of the chats of a batch.
type inboxRows map[chat.Name]*inboxRow

// newInboxRows returns what is remembered of the sends' chats.
func (s *Store) newInboxRows(sends []*Send) inboxRows {
	rows := make(inboxRows)
	for _, send := range sends {
		if rows[send.Chat] == nil {
			times, ok := s.rows.get(send.Chat)
			rows[send.Chat] = &inboxRow{rowTimes: times, found: ok, known: ok}
		}
	}
	return rows
}

// remember remembers the rows, which are committed. Rows that an earlier version has made
// are looked up again until they have a time: other instances may complete them.
func (r inboxRows) remember(memory *memory[chat.Name, rowTimes]) {
	for name, row := range r {
		if row.found && row.moved > 0 {
			memory.keep(name, row.rowTimes)
		}
	}
}

// exists reports whether a chat has messages.
func (r inboxRows) exists(name chat.Name) bool { return name.IsGroup() || r[name].found }

// find looks up the rows of chats of two that are not remembered. The rows of a chat
// are made and moved together, so one is enough. It runs after the lock of the chats'
// lanes. Rows are written under that lock, so it needs none of its own.
func (r inboxRows) find() reading {
	const one = "member = ? AND chat = ?"
	var args []any
	for name, row := range r {
		if !row.known && !name.IsGroup() {
			first, _ := name.Members()
			args = append(args, first, string(name))
		}
	}
	if len(args) == 0 {
		return reading{}
	}
	found := statement{"SELECT chat, moved, touched FROM members WHERE " + repeat(one, " OR ", len(args)/2), args}
	return reading{found, func(rows *sql.Rows) error {
		var name chat.Name
		var times rowTimes
		if err := rows.Scan(&name, &times.moved, &times.touched); err != nil {
			return err
		}
		r[name].rowTimes, r[name].found = times, true
		return nil
	}}
}

// take notes what the batch stores.
func (r inboxRows) take(fresh []*Send) {
	for _, s := range fresh {
		row := r[s.Chat]
		row.latest = max(row.latest, s.SendTime)
		if !s.IsMark() {
			row.newest = max(row.newest, s.SendTime)
		}
	}
}

// findMembers reads who is in the groups whose rows the batch has to move or touch.
func (r inboxRows) findMembers(tx transaction) error {
	for name, row := range r {
		if !name.IsGroup() || !row.toMove() && !row.toTouch() {
			continue
		}
		read := statement{"SELECT member FROM stays WHERE chat = ? AND left_at = ?", []any{string(name), int64(present)}}
		if err := tx.query(reading{read, func(rows *sql.Rows) error {
			var member string
			err := rows.Scan(&member)
			row.members = append(row.members, member)
			return err
		}}); err != nil {
			return err
		}
	}
	return nil
}

// write makes the rows that are missing, and moves or touches those that are too old.
func (r inboxRows) write(d dialect, roster *roster) []statement {
	w := &rowWriter{dialect: d}
	for name, row := range r {
		switch {
		case row.latest == 0: // nothing is stored
		case name.IsGroup():
			w.group(name, row, roster)
		case !row.found:
			row.rowTimes = rowTimes{row.newest, row.latest}
			first, second := name.Members()
			w.insert(seat{name, first}, row.rowTimes)
			if second != first {
				w.insert(seat{name, second}, row.rowTimes)
			}
		case row.moved == 0:
			row.rowTimes = rowTimes{row.newest, row.latest}
			w.adopt(name, row.rowTimes)
		case row.toMove():
			w.moves = append(w.moves, pairRow{name, row, row.newest})
		case row.toTouch():
			w.touches = append(w.touches, pairRow{name, row, row.latest})
		}
		row.found = row.found || row.latest > 0
	}
	w.movePairs()
	w.touchPairs()
	return append(w.updates, w.inserts())
}
