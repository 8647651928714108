package store

import (
	"context"
	"database/sql"
	"fmt"
	"slices"

	"example.com/im/idl/chat"
)

// takenOverAtOnce is how many chats one transaction of a takeover looks at. It holds
// their lanes for some milliseconds only.
const takenOverAtOnce = 256

// TakeOver makes and moves the rows in members of chats in which instances of earlier
// versions have stored messages, and reports whether there were any. While it has not
// done so, inboxes and syncs look at all chats of a member. Several instances may call it
// at once.
func (s *Store) TakeOver(ctx context.Context) (did bool, err error) {
	before, err := s.unaccounted(ctx)
	if err != nil || len(before) == 0 {
		return false, classify(err)
	}
	return true, classify(s.takeOver(ctx, before))
}

// unaccounted returns the lanes in which earlier versions have committed, with their
// last send_times.
func (s *Store) unaccounted(ctx context.Context) (map[int]int64, error) {
	found := make(map[int]int64)
	err := s.readSnapshot(onlyTrace(ctx), func(snap *snapshot) error {
		for id, is := range snap.unaccounted {
			if is {
				found[id] = snap.lanes[id]
			}
		}
		return nil
	})
	return found, err
}

// takeOver walks over the names of the chats, from one to the next by the index,
// because a chat may have any number of messages. That takes about a minute for half a
// million chats. Other instances serve meanwhile. before are the lanes, at a time when all
// that the walk is to find was committed.
func (s *Store) takeOver(ctx context.Context, before map[int]int64) error {
	var last chat.Name
	for {
		names, err := s.chatsAfter(ctx, string(last))
		if err != nil {
			return err
		}
		if len(names) == 0 {
			break
		}
		last = names[len(names)-1]
		names = slices.DeleteFunc(names, func(name chat.Name) bool {
			_, concerned := before[name.Lane()]
			return !concerned || name.IsGroup() // earlier versions know no groups
		})
		lanes := make(clocks)
		for _, name := range names {
			lanes[name.Lane()] = clock{}
		}
		if err := s.inLanes(ctx, lanes, moveRows(names)); err != nil {
			return err
		}
	}
	return s.account(ctx, before)
}

// chatsAfter returns the chats that follow after by name, up to [takenOverAtOnce].
func (s *Store) chatsAfter(ctx context.Context, after string) (names []chat.Name, err error) {
	db := s.db.WithContext(ctx)
	for len(names) < takenOverAtOnce {
		found := db.Raw("SELECT chat FROM messages WHERE chat > ? ORDER BY chat LIMIT 1", after).Scan(&after)
		if found.Error != nil {
			return nil, fmt.Errorf("walk over the chats: %w", found.Error)
		}
		if found.RowsAffected == 0 {
			return names, nil
		}
		names = append(names, chat.Name(after))
	}
	return names, nil
}

// inLanes runs do in a transaction that holds the lanes, and moves their clocks. The nodes
// of a cluster do not see each other's locks, so this is what brings commits on other
// nodes into conflict with it.
func (s *Store) inLanes(ctx context.Context, lanes clocks, do func(transaction) error) error {
	if len(lanes) == 0 {
		return nil
	}
	return repeatConflicts(func() error {
		tx, err := s.newTransaction(onlyTrace(ctx))
		if err != nil {
			return fmt.Errorf("connect: %w", err)
		}
		if err = lanes.lock(tx); err == nil {
			for lane, c := range lanes {
				lanes.move(lane, c.last+1)
			}
			err = do(tx)
		}
		if err == nil {
			err = tx.exec(lanes.save(tx.dialect))
		}
		if err != nil {
			tx.rollback()
			return fmt.Errorf("take over: %w", err)
		}
		return tx.commit()
	})
}

// moveRows makes and moves the rows of chats of two.
func moveRows(names []chat.Name) func(transaction) error {
	return func(tx transaction) error {
		rows := make(inboxRows)
		for _, name := range names {
			rows[name] = &inboxRow{}
		}
		if err := tx.query(rows.find(), rows.findNewest(names)); err != nil {
			return err
		}
		return tx.exec(rows.write(tx.dialect, newRoster())...)
	}
}

// findNewest looks up the newest message of each chat.
func (r inboxRows) findNewest(names []chat.Name) reading {
	const one = "SELECT ?, MAX(send_time) FROM messages WHERE chat = ?"
	args := make([]any, 0, 2*len(names))
	for _, name := range names {
		args = append(args, string(name), string(name))
	}
	return reading{statement{repeat(one, " UNION ALL ", len(names)), args}, func(rows *sql.Rows) error {
		var name chat.Name
		var newest int64
		err := rows.Scan(&name, &newest)
		if row := r[name]; row != nil {
			row.newest, row.latest = newest, max(newest, row.touched)
		}
		return err
	}}
}

// account notes that the rows of the lanes account for what earlier versions had
// committed when the lanes were at before. A lane in which they have committed since
// waits for the next takeover.
func (s *Store) account(ctx context.Context, before map[int]int64) error {
	lanes := make(clocks)
	for lane := range before {
		lanes[lane] = clock{}
	}
	return s.inLanes(ctx, lanes, func(transaction) error {
		for lane, c := range lanes {
			if c.unaccounted <= before[lane] {
				c.unaccounted = 0
			}
			c.noted = false
			lanes[lane] = c
		}
		return nil
	})
}
