package store

import (
	"context"
	"slices"

	"example.com/im/idl/chat"
)

// MembersQuery asks for one page of a chat's members.
type MembersQuery struct {
	Chat  chat.Name
	After string // the last member of the page before; "" begins with the first
	Limit int    // members, at least 1
}

// Members is the answer to a MembersQuery.
type Members struct {
	Members []ReadMark // in the order of their names, each with how far it has read
	// HasMore tells whether another page exists.
	HasMore bool
}

// Members reads who is in a chat, as it is at one moment after the call. ctx and the
// errors are those of [Store.Page], and [ErrNoGroup].
func (s *Store) Members(ctx context.Context, q MembersQuery) (page Members, err error) {
	err = s.read(ctx, "members", func(snap *snapshot) error {
		names, err := snap.membersAfter(q)
		if err != nil {
			return err
		}
		if page.HasMore = len(names) > q.Limit; page.HasMore {
			names = names[:q.Limit]
		}
		page.Members, err = snap.readBy(q.Chat, names)
		return err
	})
	return page, err
}

// membersAfter returns the members of a page, and one more.
func (s *snapshot) membersAfter(q MembersQuery) (names []string, err error) {
	if !q.Chat.IsGroup() {
		first, second := q.Chat.Members()
		names = slices.Compact([]string{first, second})
		return slices.DeleteFunc(names, func(name string) bool { return name <= q.After }), nil
	}
	query := "SELECT member FROM stays WHERE chat = ? AND left_at = ? AND member > ? ORDER BY member LIMIT ?"
	args := []any{string(q.Chat), int64(present), q.After, q.Limit + 1}
	if err := s.query(1, query, args, func(rows row) error {
		var name string
		err := rows.Scan(&name)
		names = append(names, name)
		return err
	}); err != nil || len(names) > 0 {
		slices.Sort(names)
		return names, err
	}
	made := false
	err = s.query(1, "SELECT 1 FROM chat_groups WHERE chat = ?", []any{string(q.Chat)}, func(rows row) error {
		var one int
		made = true
		return rows.Scan(&one)
	})
	if err == nil && !made {
		err = ErrNoGroup
	}
	return nil, err
}

// readBy reads how far members of a chat have read.
func (s *snapshot) readBy(name chat.Name, names []string) ([]ReadMark, error) {
	marks, at := make([]ReadMark, len(names)), make(map[string]int)
	for i, member := range names {
		marks[i], at[member] = ReadMark{Chat: name, Member: member}, i
	}
	for part := range slices.Chunk(names, chunk) {
		args := []any{string(name)}
		for _, member := range part {
			args = append(args, member)
		}
		query := "SELECT member, send_time FROM read_marks WHERE chat = ? AND member IN (" + list("?", len(part)) + ")"
		if err := s.query(2, query, args, func(rows row) error {
			var member string
			var upTo int64
			err := rows.Scan(&member, &upTo)
			marks[at[member]].SendTime = upTo
			return err
		}); err != nil {
			return nil, err
		}
	}
	return marks, nil
}

// CheckGroup returns [ErrNoGroup] unless a group is made, as it is at one moment after the
// call. Every other chat is. ctx and the other errors are those of [Store.Page].
func (s *Store) CheckGroup(ctx context.Context, name chat.Name) error {
	if !name.IsGroup() {
		return nil
	}
	if _, ok := s.groups.get(name); ok {
		return nil // for ever
	}
	if _, err := s.Members(ctx, MembersQuery{Chat: name, Limit: 1}); err != nil {
		return err
	}
	s.groups.keep(name, struct{}{})
	return nil
}

// CheckMember returns [ErrNotMember] unless a member is in a group, as it is at one moment
// after the call. Nobody is in a group that nobody has made. ctx and the other errors are
// those of [Store.Page].
func (s *Store) CheckMember(ctx context.Context, group chat.Name, member string) error {
	giveBack, err := s.readSlots.take(ctx)
	if err != nil {
		return err
	}
	defer giveBack()
	in, err := s.isIn(onlyTrace(ctx), group, member)
	switch {
	case err != nil:
		return s.failed("read who is in a group", err)
	case !in:
		return ErrNotMember
	}
	return nil
}

// isIn reports whether a member is in a group.
func (s *Store) isIn(ctx context.Context, group chat.Name, member string) (in bool, err error) {
	rows, err := s.seat.QueryContext(ctx, string(group), member, int64(present))
	if err != nil {
		return false, err
	}
	defer func() { _ = rows.Close() }()
	var server serverTold
	for rows.Next() {
		var mark int64
		var told any
		if err := rows.Scan(&mark, &told); err != nil {
			return false, err
		}
		if mark == serverRow {
			_ = server.Scan(told)
			continue
		}
		in = true
	}
	return in, server.whole(rows)
}

// seatSQL reads whether a member is in a group.
func (d dialect) seatSQL() string {
	return d.withServerRow("SELECT 1, '' FROM stays WHERE chat = ? AND member = ? AND left_at = ?", "")
}
