package store

import (
	"context"
	"fmt"

	"gorm.io/gorm"

	"example.com/im/idl/chat"
)

// fillBatch is how many chats one transaction of fillMembers lists: few enough to
// hold their lanes for some milliseconds only.
const fillBatch = 256

// fillMembers makes the rows of the chats that were stored before commits made
// them. It walks over the names of the chats, from one to the next by the index,
// because a chat may have any number of messages; that takes about a minute for
// half a million chats, in which other instances go on serving.
func fillMembers(s *Store, db *gorm.DB) error {
	var last chat.Name
	for {
		names, err := chatsAfter(db, string(last))
		if err != nil || len(names) == 0 {
			return err
		}
		if err := repeatConflicts(func() error { return s.fillChats(db.Statement.Context, names) }); err != nil {
			return err
		}
		last = names[len(names)-1]
	}
}

// chatsAfter returns the chats that follow after by name, up to [fillBatch].
func chatsAfter(db *gorm.DB, after string) (names []chat.Name, err error) {
	for len(names) < fillBatch {
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

// fillChats makes the rows that chats lack, in one transaction. It is to members
// what a commit is: it holds the lanes, so that none makes the same rows, and moves
// them, so that on a cluster, whose nodes do not see each other's locks, commits on
// other nodes come into conflict with it.
func (s *Store) fillChats(ctx context.Context, names []chat.Name) error {
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

// listChats begins the transaction and makes the rows in it.
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
