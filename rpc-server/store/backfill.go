package store

import (
	"context"
	"fmt"

	"gorm.io/gorm"

	"example.com/im/idl/chat"
)

// backfillBatch is how many chats one transaction of backfillMembers lists. It holds
// their lanes for some milliseconds only.
const backfillBatch = 256

// backfillMembers lists the chats that older versions have stored. It walks over the
// names of the chats, from one to the next by the index, because a chat may have any
// number of messages. That takes about a minute for half a million chats. Other
// instances serve meanwhile.
func backfillMembers(s *Store, db *gorm.DB) error {
	var last chat.Name
	for {
		names, err := chatsAfter(db, string(last))
		if err != nil || len(names) == 0 {
			return err
		}
		if err := repeatConflicts(func() error { return s.backfillChats(db.Statement.Context, names) }); err != nil {
			return err
		}
		last = names[len(names)-1]
	}
}

// chatsAfter returns the chats that follow after by name, up to [backfillBatch].
func chatsAfter(db *gorm.DB, after string) (names []chat.Name, err error) {
	for len(names) < backfillBatch {
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

// backfillChats lists those of the chats that are not listed, in one transaction. To
// the table members it is what a commit is. It holds the lanes, so that no commit makes
// the same rows. It moves the lanes: the nodes of a cluster do not see each other's
// locks, so this is what brings commits on other nodes into conflict with it.
func (s *Store) backfillChats(ctx context.Context, names []chat.Name) error {
	tx, err := s.newTransaction(onlyTrace(ctx))
	if err != nil {
		return fmt.Errorf("connect: %w", err)
	}
	if err := listChats(tx, names); err != nil {
		tx.rollback()
		return err
	}
	return tx.commit()
}

// listChats begins the transaction, and makes the rows in it.
func listChats(tx transaction, names []chat.Name) error {
	lanes, missing := make(clocks), make(newcomers)
	for _, name := range names {
		lanes[name.Lane()], missing[name] = 0, false
	}
	if err := lanes.lock(tx, missing.find()); err != nil {
		return fmt.Errorf("lock lanes: %w", err)
	}
	insert := missing.insert()
	if insert.sql == "" {
		return nil
	}
	for id := range lanes {
		lanes[id]++
	}
	if err := tx.exec(insert, lanes.save()); err != nil {
		return fmt.Errorf("insert: %w", err)
	}
	return nil
}
