package store

import (
	"database/sql"
	"math"
	"slices"

	"example.com/im/idl/chat"
)

// A stay is a time of a member in a group: from the change that added the member to the
// one that removed it, both included. The row of a member who is there has left_at
// present.
const present = math.MaxInt64

// A seat is a place of a member in a chat.
type seat struct {
	chat   chat.Name
	member string
}

// A stay is the latest one of a seat.
type stay struct {
	joined  int64 // 0: with change
	present bool
	before  bool  // there was one before the batch
	changed bool  // by the batch
	change  *Send // of the batch, with which it has begun; nil: none
}

// A group is one as the batch has it so far.
type group struct {
	made    bool // there is a row
	members int
	changed int64 // the send_time of its latest change
	change  *Send // that change, if it is in the batch
}

// A roster says who is in the groups of a batch.
type roster struct {
	groups map[chat.Name]*group
	stays  map[seat]*stay
	left   []departure
}

// A departure ends a stay.
type departure struct {
	seat
	joined int64
	came   *Send // instead of joined, if the stay began in the batch
	change *Send
}

func newRoster() *roster {
	return &roster{groups: make(map[chat.Name]*group), stays: make(map[seat]*stay)}
}

// find reads the groups of sends, and those of their members who are concerned. Of a
// group that does not change, it reads only those who are not known to be there.
func (r *roster) find(sends []*Send, known *seatMemory) reading {
	changed := make(map[chat.Name]bool)
	for _, s := range sends {
		if s.Wanted != nil {
			changed[s.Chat] = true
		}
	}
	var seats, groups []any
	ask := func(at seat) {
		if r.stays[at] == nil {
			r.stays[at] = &stay{}
			seats = append(seats, string(at.chat), at.member)
		}
	}
	for _, s := range sends {
		if !s.Chat.IsGroup() {
			continue
		}
		at := seat{s.Chat, s.Member}
		if !changed[s.Chat] && known.has(at) {
			r.stays[at] = &stay{present: true, before: true}
			if r.groups[s.Chat] == nil {
				r.groups[s.Chat] = &group{made: true, members: 1} // at least
			}
			continue
		}
		if g := r.groups[s.Chat]; g == nil || g.made {
			r.groups[s.Chat] = &group{}
			groups = append(groups, string(s.Chat))
		}
		ask(at)
		if s.Wanted != nil {
			added, removed := s.Wanted.Names()
			for _, name := range slices.Concat(added, removed) {
				ask(seat{s.Chat, name})
			}
		}
	}
	return r.reading(groups, seats)
}

// reading reads groups, and seats in them.
func (r *roster) reading(groups, seats []any) reading {
	if len(seats) == 0 {
		return reading{}
	}
	const one = "chat = ? AND member = ?"
	sql := "SELECT chat, '' AS member, members, changed FROM chat_groups WHERE chat IN (" + list("?", len(groups)) + ")" +
		" UNION ALL SELECT chat, member, MAX(joined), MAX(left_at) FROM stays WHERE " +
		repeat(one, " OR ", len(seats)/2) + " GROUP BY chat, member"
	return reading{statement{sql, append(groups, seats...)}, r.scan}
}

// scan takes the row of a group, or of a seat's stays.
func (r *roster) scan(rows *sql.Rows) error {
	var s seat
	var first, second int64
	if err := rows.Scan(&s.chat, &s.member, &first, &second); err != nil {
		return err
	}
	if s.member == "" {
		r.groups[s.chat] = &group{made: true, members: int(first), changed: second}
	} else {
		r.stays[s] = &stay{joined: first, present: second == present, before: true}
	}
	return nil
}

// count tells the sender of a change how many members the group has.
func (r *roster) count(s *Send) {
	if s.Wanted != nil {
		s.Members = r.groups[s.Chat].members
	}
}

// admit decides whether a send of a member to a group is to be stored, and changes the
// group by it.
func (r *roster) admit(s *Send) Outcome {
	if !s.Chat.IsGroup() {
		return Stored
	}
	g := r.groups[s.Chat]
	var add, remove []string
	if s.Wanted != nil {
		add, remove = s.Wanted.Names()
	}
	switch {
	case g.change == nil && !g.made && s.Wanted == nil:
		return NoGroup
	case g.change == nil && !g.made:
		return r.apply(s, g, append([]string{s.Member}, add...), nil)
	case g.members == 0:
		return Closed
	case !r.stays[seat{s.Chat, s.Member}].present:
		return NotMember
	case s.Wanted == nil:
		return Stored
	}
	return r.apply(s, g, add, remove)
}

// apply changes a group by those names that change it.
func (r *roster) apply(s *Send, g *group, add, remove []string) Outcome {
	add, remove = r.those(s.Chat, add, false), r.those(s.Chat, remove, true)
	members := g.members + len(add) - len(remove)
	switch {
	case members > chat.MaxGroupMembers:
		return Crowded
	case len(add)+len(remove) == 0:
		s.Members, s.SendTime = g.members, g.changed
		return Unchanged
	}
	s.Change, s.Members = NewChange(add, remove), members
	s.Text = s.Change.text(s.Member)
	g.members, g.change = members, s
	for _, name := range add {
		stay := r.stays[seat{s.Chat, name}]
		stay.present, stay.changed, stay.joined, stay.change = true, true, 0, s
	}
	for _, name := range remove {
		stay := r.stays[seat{s.Chat, name}]
		r.left = append(r.left, departure{seat{s.Chat, name}, stay.joined, stay.change, s})
		stay.present, stay.changed, stay.change = false, true, nil
	}
	return Stored
}

// those returns the names that are in the group, or are not, each once.
func (r *roster) those(name chat.Name, names []string, there bool) (found []string) {
	for _, member := range names {
		if r.stays[seat{name, member}].present == there && !slices.Contains(found, member) {
			found = append(found, member)
		}
	}
	return found
}
