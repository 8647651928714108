package store

import (
	"slices"

	"example.com/im/idl/chat"
)

// State is how far a member has read in a chat.
type State struct {
	Read   int64 // a send_time; 0: nothing
	Unread int   // messages by others after it: exact up to 99, MaxUnread for more
}

const (
	// MaxUnread stands for that many unread messages and more.
	MaxUnread = 100
	// firstCounted is how many messages after a mark are looked at first. The member's own
	// are among them, and do not count.
	firstCounted = 128
	// mostCounted is how many are looked at if the first do not suffice. What comes after
	// these is not counted.
	mostCounted = 1_000
	// mostRecounts bounds the chats of a page of which so many are looked at.
	mostRecounts = 20
)

// states reads how far a member has read in the chats of a page. It returns fewer if the
// rest would take too long.
func (s *snapshot) states(member string, places []Place) ([]State, error) {
	if len(places) == 0 {
		return nil, nil
	}
	states, since, err := s.readUpTo(member, places)
	if err != nil {
		return nil, err
	}
	var unread []int // the chats with messages since
	for i, p := range places {
		if p.SendTime > since[i] {
			unread = append(unread, i)
		}
	}
	again, err := s.countUnread(member, places, since, firstCounted, states, unread)
	if err != nil {
		return nil, err
	}
	if len(again) > mostRecounts {
		states = states[:again[mostRecounts]]
		again = again[:mostRecounts]
	}
	_, err = s.countUnread(member, places, since, mostCounted, states, again)
	return states, err
}

// readUpTo reads the marks of a member, and since when there are messages for it: those
// of a group begin when it came.
func (s *snapshot) readUpTo(member string, places []Place) (states []State, since []int64, err error) {
	states, since = make([]State, len(places)), make([]int64, len(places))
	at := make(map[chat.Name]int, len(places))
	for i, p := range places {
		at[p.Chat] = i
	}
	for part := range slices.Chunk(places, chunk) {
		query, args := marksAndStays(member, part)
		if err := s.query(3, query, args, func(rows row) error {
			var name chat.Name
			var upTo, joined int64
			err := rows.Scan(&name, &upTo, &joined)
			i := at[name]
			states[i].Read = max(states[i].Read, upTo)
			since[i] = max(since[i], upTo, joined-1)
			return err
		}); err != nil {
			return nil, nil, err
		}
	}
	return states, since, nil
}

// marksAndStays selects the marks of a member, and the latest stays in groups.
func marksAndStays(member string, places []Place) (query string, args []any) {
	const where = " WHERE member = ? AND chat IN "
	args, groups := []any{member}, []any{member}
	for _, p := range places {
		args = append(args, string(p.Chat))
		if p.Chat.IsGroup() {
			groups = append(groups, string(p.Chat))
		}
	}
	query = "SELECT chat, send_time, 0 FROM read_marks" + where + "(" + list("?", len(places)) + ")"
	if n := len(groups) - 1; n > 0 {
		query += " UNION ALL SELECT chat, 0, MAX(joined) FROM stays" + where + "(" + list("?", n) + ") GROUP BY chat"
		args = append(args, groups...)
	}
	return query, args
}

// countUnread counts the messages by others, of the first most after since, in those of
// the places that are chosen. It returns the places in which there may be more.
func (s *snapshot) countUnread(member string, places []Place, since []int64, most int, states []State, chosen []int) (more []int, err error) {
	looked := make(map[int]int)
	for part := range slices.Chunk(chosen, chunk) {
		const one = "SELECT ? AS place, sender, COUNT(*) FROM" +
			" (SELECT sender FROM messages WHERE chat = ? AND send_time > ? ORDER BY send_time LIMIT ?) AS unread GROUP BY sender"
		var args []any
		for _, i := range part {
			states[i].Unread = 0
			args = append(args, i, string(places[i].Chat), since[i], most)
		}
		query := repeat(one, " UNION ALL ", len(part))
		if err := s.query(3, query, args, func(rows row) error {
			var i, n int
			var sender string
			err := rows.Scan(&i, &sender, &n)
			looked[i] += n
			if by, _ := chat.Member(sender); by != member {
				states[i].Unread = min(states[i].Unread+n, MaxUnread)
			}
			return err
		}); err != nil {
			return nil, err
		}
	}
	for _, i := range chosen {
		if looked[i] == most && states[i].Unread < MaxUnread {
			more = append(more, i)
		}
	}
	return more, nil
}
