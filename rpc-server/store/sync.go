package store

import (
	"context"
	"strings"

	"example.com/im/idl/chat"
)

// SyncQuery asks what is new for a member.
type SyncQuery struct {
	Member string // in canonical form
	After  Lanes  // the clocks up to which the member knows everything
	Limit  int    // messages, at least 1
	Groups int    // also tell in which groups the member is, at most so many
}

// ReadMark says up to where a member has read in a chat.
type ReadMark struct {
	Chat     chat.Name
	Member   string
	SendTime int64
}

// Sync is the answer to a SyncQuery.
type Sync struct {
	Messages []Message // those of one chat in the order of their times
	Reads    []ReadMark
	// HasMore tells whether another page exists.
	HasMore bool
	Next    Lanes // up to which the member knows everything with this page
	Groups  []chat.Name
}

// maxSyncRows bounds the rows in members that one page reads. The page goes on in the
// next lane, so this is no bound of what a member may have.
const maxSyncRows = 10_000

// Sync reads what is new for a member, as it is at one moment after the call. So it shows
// what was acknowledged before. Its messages come to at most Limit and
// [chat.MaxPageBytes]; a page may end earlier. It has the messages and the moves of marks
// in all chats of the member, of a group those of the member's stays. ctx and the errors
// are those of [Store.Page], and [ErrSyncRows].
//
// A lane's clock says that all its messages up to there are visible, and that none will
// come below. So what is new in a lane is between two clocks. The page goes through the
// lanes in the order of their ids, and within a lane in the order of time: so it can end
// anywhere. It reads the rows of chats that are new, see [slack], and then their messages.
func (s *Store) Sync(ctx context.Context, q SyncQuery) (page Sync, err error) {
	err = s.read(ctx, "sync", func(snap *snapshot) error {
		p := &syncPage{snapshot: snap, query: q, next: q.After}
		if err := p.walk(); err != nil {
			return err
		}
		if page, err = p.sync(); err == nil && q.Groups > 0 {
			page.Groups, err = snap.groupsOf(q.Member, q.Groups)
		}
		return err
	})
	return page, err
}

// groupsOf reads in which groups a member is, up to limit.
func (s *snapshot) groupsOf(member string, limit int) (names []chat.Name, err error) {
	args := []any{member, int64(present), limit}
	err = s.query(1, "SELECT chat FROM stays WHERE member = ? AND left_at = ? LIMIT ?", args, func(rows row) error {
		var name chat.Name
		err := rows.Scan(&name)
		names = append(names, name)
		return err
	})
	return names, err
}

// A window is a part of a chat's time, of which a sync tells.
type window struct {
	chat        chat.Name
	after, upTo int64
}

// newChats returns the chats of the member that may have news, by lane. Lanes from the
// one returned on are left to a later page.
func (p *syncPage) newChats() (byLane map[int][]chat.Name, end int, err error) {
	where, args := p.newRows()
	if where == "" {
		return nil, chat.Lanes, nil
	}
	byLane, end = make(map[int][]chat.Name), chat.Lanes
	n, last := 0, 0
	query := "SELECT chat FROM members WHERE " + where + " LIMIT ?"
	err = p.snapshot.query(1, query, append(args, maxSyncRows+1), func(rows row) error {
		var name chat.Name
		err := rows.Scan(&name)
		lane := name.Lane()
		n, last = n+1, max(last, lane)
		byLane[lane] = append(byLane[lane], name)
		return err
	})
	if n <= maxSyncRows || err != nil {
		return byLane, end, err
	}
	delete(byLane, last) // not all of its rows are here
	if len(byLane) == 0 || p.isUnaccounted() {
		return nil, 0, ErrSyncRows
	}
	return byLane, last, nil
}

// newRows selects the rows in members of chats that may have news. It returns "" if no
// lane has moved.
func (p *syncPage) newRows() (where string, args []any) {
	var lanes []string
	for id, now := range p.lanes {
		if after := p.query.After[id]; now > after {
			lanes = append(lanes, "lane = ? AND touched > ?")
			args = append(args, id, max(after-slack, 0))
		}
	}
	switch {
	case len(lanes) == 0:
		return "", nil
	case p.isUnaccounted():
		return "member = ?", []any{p.query.Member}
	}
	return "member = ? AND (" + strings.Join(lanes, " OR ") + ") ORDER BY lane", append([]any{p.query.Member}, args...)
}

// windows returns what of the chats is new for the member.
func (p *syncPage) windows(names []chat.Name) (windows []window, err error) {
	var groups []any
	for _, name := range names {
		if name.IsGroup() {
			groups = append(groups, string(name))
		} else {
			windows = append(windows, p.window(name, 0, present))
		}
	}
	if len(groups) == 0 {
		return windows, nil
	}
	query := "SELECT chat, joined, left_at FROM stays WHERE member = ? AND chat IN (" + list("?", len(groups)) + ")"
	err = p.snapshot.query(3, query, append([]any{p.query.Member}, groups...), func(rows row) error {
		var name chat.Name
		var joined, left int64
		err := rows.Scan(&name, &joined, &left)
		if w := p.window(name, joined-1, left); w.after < w.upTo {
			windows = append(windows, w)
		}
		return err
	})
	return windows, err
}

// window returns what of a chat is new, between two times.
func (p *syncPage) window(name chat.Name, after, upTo int64) window {
	lane := name.Lane()
	return window{name, max(after, p.query.After[lane]), min(upTo, p.lanes[lane])}
}
