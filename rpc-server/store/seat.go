package store

import (
	"context"

	"example.com/im/idl/chat"
)

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
