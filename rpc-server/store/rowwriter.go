package store

import (
	"cmp"
	"slices"

	"example.com/im/idl/chat"
)

// maxNamesInUpdate bounds the members in one UPDATE. A database looks up each, as long
// as they are not too many.
const maxNamesInUpdate = 200

// A pairRow is a chat of two whose rows are too old, and the time that they are to get.
type pairRow struct {
	name chat.Name
	row  *inboxRow
	at   int64
}

// A rowWriter collects what a batch writes to the table members.
type rowWriter struct {
	dialect
	inserted       []any
	moves, touches []pairRow
	updates        []statement
}

func (w *rowWriter) insert(at seat, times rowTimes) {
	w.inserted = append(w.inserted, at.member, string(at.chat), at.chat.Lane(), times.moved, times.touched)
}

func (w *rowWriter) inserts() statement {
	if len(w.inserted) == 0 {
		return statement{}
	}
	return statement{"INSERT INTO members (member, chat, lane, moved, touched) VALUES " + list("(?,?,?,?,?)", len(w.inserted)/5), w.inserted}
}

// together calls do with those pairs that can share a statement, because their times are
// near each other, and with the least of these times. Another instance may have moved a
// row beyond that, and remembers so: such a row has to stay where it is, see [later].
func together(pairs []pairRow, do func(pairs []pairRow, at int64)) {
	slices.SortFunc(pairs, func(a, b pairRow) int { return cmp.Compare(a.at, b.at) })
	for len(pairs) > 0 {
		at := pairs[0].at
		n := slices.IndexFunc(pairs, func(p pairRow) bool { return p.at >= at+slack/2 })
		if n < 0 {
			n = len(pairs)
		}
		n = min(n, maxNamesInUpdate/2)
		do(pairs[:n], at)
		pairs = pairs[n:]
	}
}

// later sets a column to a time, unless it has a later one.
func later(column string) string {
	return column + " = CASE WHEN " + column + " < ? THEN ? ELSE " + column + " END"
}

func (w *rowWriter) movePairs() {
	together(w.moves, func(pairs []pairRow, at int64) {
		for _, p := range pairs {
			p.row.rowTimes = rowTimes{at, at}
		}
		where, args := rowsOf(pairs)
		w.updates = append(w.updates, statement{
			w.update("members") + later("moved") + ", " + later("touched") + " WHERE " + where, append([]any{at, at, at, at}, args...),
		})
	})
}

func (w *rowWriter) touchPairs() {
	together(w.touches, func(pairs []pairRow, at int64) {
		for _, p := range pairs {
			p.row.touched = at
		}
		where, args := rowsOf(pairs)
		w.updates = append(w.updates, statement{w.update("members") + later("touched") + " WHERE " + where, append([]any{at, at}, args...)})
	})
}

// rowsOf names the rows of chats of two.
func rowsOf(pairs []pairRow) (where string, args []any) {
	for _, p := range pairs {
		first, second := p.name.Members()
		args = append(args, first, string(p.name))
		if second != first {
			args = append(args, second, string(p.name))
		}
	}
	const one = "member = ? AND chat = ?"
	return repeat(one, " OR ", len(args)/2), args
}

// adopt completes the rows of a chat of two that an earlier version has made.
func (w *rowWriter) adopt(name chat.Name, times rowTimes) {
	where, args := rowsOf([]pairRow{{name: name}})
	w.updates = append(w.updates, statement{
		"UPDATE members SET lane = ?, " + later("moved") + ", " + later("touched") + " WHERE " + where,
		append([]any{name.Lane(), times.moved, times.moved, times.touched, times.touched}, args...),
	})
}

// group writes the rows of a group: of all members, if they are too old, and of those
// who have come or gone.
func (w *rowWriter) group(name chat.Name, row *inboxRow, roster *roster) {
	move, touch := row.toMove(), row.toTouch()
	times := rowTimes{row.newest, row.latest}
	var back, gone []any
	for at, stay := range roster.stays {
		switch {
		case at.chat != name || !stay.changed:
		case stay.present && !stay.before:
			w.insert(at, times)
		case stay.present:
			back = append(back, at.member)
		case stay.before:
			gone = append(gone, at.member)
		default: // it came and went in one batch
			w.insert(at, rowTimes{0, row.latest})
		}
	}
	staying := slices.DeleteFunc(row.members, func(member any) bool {
		return slices.Contains(gone, member) || slices.Contains(back, member)
	})
	switch {
	case move:
		back = append(back, staying...)
		row.rowTimes = times
	case touch:
		w.members(name, "touched = ?", []any{row.latest}, staying)
		row.touched = row.latest
	}
	w.members(name, "moved = ?, touched = ?", []any{times.moved, times.touched}, back)
	w.members(name, "moved = 0, touched = ?", []any{row.latest}, gone)
}

// members updates the rows of members of a group.
func (w *rowWriter) members(name chat.Name, set string, values, members []any) {
	for names := range slices.Chunk(members, maxNamesInUpdate) {
		args := slices.Concat(values, []any{string(name)}, names)
		w.updates = append(w.updates, statement{w.update("members") + set + " WHERE chat = ? AND member IN (" + list("?", len(names)) + ")", args})
	}
}
