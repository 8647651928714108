package store

import (
	"context"
	"fmt"
	"time"

	"example.com/im/idl"
)

// MaxBatch is the most sends in one commit: a whole call has room.
const MaxBatch = idl.MaxSends

// Commit stores the sends in one transaction, and sets what it has made of them. When
// it returns nil they are on the database's disk. Otherwise the error says what has
// become of all of them (see [ErrConflict], [ErrUnavailable], [ErrUnknown]), and what
// was set means nothing.
//
// Commit locks the sends' lanes until the transaction ends, and takes times under the
// lock. So the order of times within a lane is the order of commits, whatever the
// clocks of the instances say. Under the lock it also decides who is in a group, in the
// order of the sends: each message is by somebody who was a member at its time. now is
// this instance's clock.
//
// The transaction serves several callers, so no caller's context reaches it. Its own
// never ends (see [netTimeout]).
func (s *Store) Commit(sends []*Send, now func() time.Time) error {
	ctx, span := traceCommit(sends)
	defer span.End()
	err := s.commit(ctx, sends, now)
	s.leaveReadOnly(err)
	return err
}

// commit runs the transaction.
func (s *Store) commit(ctx context.Context, sends []*Send, now func() time.Time) error {
	tx, err := s.newTransaction(ctx)
	if err != nil {
		return fmt.Errorf("connect: %w", classifyService(err))
	}
	b := s.newBatch(sends)
	if err := b.write(tx, now); err != nil {
		tx.rollback()
		return err
	}
	if err := tx.commit(); err != nil {
		return fmt.Errorf("commit: %w", classifyCommit(err))
	}
	b.rows.remember(s.rows)
	s.seats.learn(b.lanes, b.roster)
	return nil
}

// A batch is what one transaction reads of its sends, and writes.
type batch struct {
	sends  []*Send
	fresh  []*Send // those to store
	lanes  clocks
	keys   keys
	rows   inboxRows
	seats  *seatMemory
	roster *roster
	marks  marks
}

func (s *Store) newBatch(sends []*Send) *batch {
	b := &batch{sends: sends, lanes: make(clocks), rows: s.newInboxRows(sends), seats: &s.seats, roster: newRoster(), marks: make(marks)}
	for _, s := range sends {
		b.lanes[s.Chat.Lane()] = clock{}
	}
	return b
}

// write begins the transaction and runs its statements. For messages in chats of two
// they take three round trips. Keys take two more, and so do chats that are not
// remembered, groups and marks.
func (b *batch) write(tx transaction, now func() time.Time) error {
	if err := b.lanes.lock(tx, b.rows.find()); err != nil {
		return fmt.Errorf("lock lanes: %w", classifyService(err))
	}
	if err := b.read(tx); err != nil {
		return fmt.Errorf("read keys, groups and marks: %w", classifyService(err))
	}
	b.settle()
	if len(b.fresh) > 0 {
		b.lanes.stamp(b.fresh, now().UnixMicro())
		b.rows.take(b.fresh)
		if err := b.rows.findMembers(tx); err != nil {
			return fmt.Errorf("read groups: %w", classifyService(err))
		}
		if err := tx.exec(b.statements(tx.dialect)...); err != nil {
			return fmt.Errorf("insert: %w", classify(err))
		}
	}
	b.keys.replay(b.sends)
	return nil
}

// read reads what decides about the sends. It runs after the lock of their lanes. All of
// it is written under that lock, so it needs none of its own.
func (b *batch) read(tx transaction) (err error) {
	if b.keys, err = knownKeys(tx, b.sends); err != nil {
		return err
	}
	b.seats.check(b.lanes)
	return tx.query(b.roster.find(b.sends, b.seats), b.marks.find(b.sends))
}

// settle sets the outcome of each send, in their order, and finds those to store.
func (b *batch) settle() {
	for _, s := range b.sends {
		if b.keys.knows(s) {
			b.roster.count(s)
			continue
		}
		if s.Outcome = b.roster.admit(s); s.Outcome == Stored && s.IsMark() {
			s.Outcome = b.marks.admit(s, b.rows.exists(s.Chat), b.lanes[s.Chat.Lane()].last)
		}
		if s.Outcome == Stored {
			b.keys.take(s)
			b.fresh = append(b.fresh, s)
		}
	}
}

// statements writes what is fresh.
func (b *batch) statements(d dialect) []statement {
	statements := b.rows.write(d, b.roster)
	statements = append(statements, insertMessages(b.fresh), b.keys.insert())
	statements = append(statements, b.roster.write(d)...)
	statements = append(statements, b.marks.write(d)...)
	return append(statements, b.lanes.save(d))
}

// insertMessages inserts the messages. Most batches have no change of a group.
func insertMessages(fresh []*Send) statement {
	columns, row := "chat, send_time, sender, text", "(?,?,?,?)"
	for _, s := range fresh {
		if s.Change != "" {
			columns, row = columns+", membership", "(?,?,?,?,?)"
			break
		}
	}
	args, n := make([]any, 0, 5*len(fresh)), 0
	for _, s := range fresh {
		if s.IsMark() {
			continue
		}
		args = append(args, string(s.Chat), s.SendTime, s.Sender, s.Text)
		if row == "(?,?,?,?,?)" {
			args = append(args, string(s.Change))
		}
		n++
	}
	if n == 0 {
		return statement{}
	}
	return statement{"INSERT INTO messages (" + columns + ") VALUES " + list(row, n), args}
}
