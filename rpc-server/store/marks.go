package store

import (
	"database/sql"
	"slices"
	"strings"

	"example.com/im/idl/chat"
)

// A mark says up to where a member has read in a chat. Its row also has the time of the
// commit that moved it, by which those who follow the chat learn of it.
type mark struct {
	found bool // there is a row
	upTo  int64
	moved *Send // the latest send of the batch that has moved it; nil: none
}

// marks are those of a batch.
type marks map[seat]*mark

// find reads the rows of the marks among sends.
func (m marks) find(sends []*Send) reading {
	readers := make(map[chat.Name][]any)
	for _, s := range sends {
		at := seat{s.Chat, s.Member}
		if s.IsMark() && m[at] == nil {
			m[at] = &mark{}
			readers[s.Chat] = append(readers[s.Chat], s.Member)
		}
	}
	if len(m) == 0 {
		return reading{}
	}
	var where []string
	var args []any
	for name, members := range readers {
		where = append(where, "chat = ? AND member IN ("+list("?", len(members))+")")
		args = append(append(args, string(name)), members...)
	}
	return reading{statement{"SELECT chat, member, send_time FROM read_marks WHERE " + strings.Join(where, " OR "), args}, m.scan}
}

func (m marks) scan(rows *sql.Rows) error {
	var at seat
	var upTo int64
	if err := rows.Scan(&at.chat, &at.member, &upTo); err != nil {
		return err
	}
	m[at] = &mark{found: true, upTo: upTo}
	return nil
}

// admit moves a mark, unless it would go back. In a chat without messages nothing can be
// read. present is the lane's last send_time. Beyond it no message is read yet, because
// every later one will be.
func (m marks) admit(s *Send, exists bool, present int64) Outcome {
	at := m[seat{s.Chat, s.Member}]
	upTo := min(s.ReadUpTo, present)
	if !exists || upTo <= at.upTo {
		s.Stands = at.upTo
		return Unchanged
	}
	at.upTo, at.moved, s.Stands = upTo, s, upTo
	return Stored
}

// write writes the marks that the batch has moved, by at most two statements.
func (m marks) write(d dialect) (statements []statement) {
	var made, seats, upTo, at []any
	for place, mark := range m {
		switch {
		case mark.moved == nil:
		case mark.found:
			seats = append(seats, string(place.chat), place.member)
			upTo = append(upTo, string(place.chat), place.member, mark.upTo)
			at = append(at, string(place.chat), place.member, mark.moved.SendTime)
		default:
			made = append(made, string(place.chat), place.member, mark.upTo, mark.moved.SendTime)
		}
	}
	if len(made) > 0 {
		statements = append(statements, statement{
			"INSERT INTO read_marks (chat, member, send_time, read_at) VALUES " + list("(?,?,?,?)", len(made)/4), made,
		})
	}
	if n := len(seats) / 2; n > 0 {
		const one = "chat = ? AND member = ?"
		value := " = CASE" + repeat(" WHEN "+one+" THEN ?", "", n) + " END"
		statements = append(statements, statement{
			d.update("read_marks") + "send_time" + value + ", read_at" + value + " WHERE " + repeat(one, " OR ", n),
			slices.Concat(upTo, at, seats),
		})
	}
	return statements
}
