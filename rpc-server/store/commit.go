package store

import (
	"context"
	"database/sql"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"go.opentelemetry.io/otel/trace"

	"example.com/im/idl"
	"example.com/im/idl/chat"
)

// Message is a message as it is stored.
type Message struct {
	Chat     chat.Name
	SendTime int64 // microseconds since 1970, set by Commit
	Sender   string
	Text     string
}

// Send is a message on its way into the store, and what Commit has made of it.
type Send struct {
	Message
	Key     string // its idempotency key; "" for none
	Outcome Outcome
	// LaneWas is the lane's last send_time before the commit that has stored the
	// message. All that is in the lane between LaneWas and SendTime came with the same
	// commit.
	LaneWas int64

	Span       trace.SpanContext // of the caller who waits, if there is a trace
	CommitSpan trace.SpanContext // of its commit, in its trace or in another's
}

// MaxBatch is the most sends in one commit: a whole call has room.
const MaxBatch = idl.MaxSends

// Commit stores the sends in one transaction, and sets what it has made of them. When
// it returns nil they are on the database's disk. Otherwise the error says what has
// become of all of them (see [ErrConflict], [ErrUnavailable], [ErrUnknown]), and what
// was set means nothing.
//
// Commit locks the sends' lanes until the transaction ends, and takes times under the
// lock. So the order of times within a lane is the order of commits, whatever the
// clocks of the instances say. now is this instance's clock.
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
	chats := s.listed.newcomers(sends)
	if err := s.write(tx, sends, chats, now); err != nil {
		tx.rollback()
		return err
	}
	if err := tx.commit(); err != nil {
		return fmt.Errorf("commit: %w", classifyCommit(err))
	}
	s.listed.add(chats)
	return nil
}

// write begins the transaction and runs its statements. They take three round trips.
// Keys take two more, and so do chats that are not remembered as listed.
func (s *Store) write(tx transaction, sends []*Send, chats newcomers, now func() time.Time) error {
	lanes := make(clocks)
	for _, s := range sends {
		lanes[s.Chat.Lane()] = 0
	}
	if err := lanes.lock(tx, chats.find()); err != nil {
		return fmt.Errorf("lock lanes: %w", classifyService(err))
	}
	keys, err := knownKeys(tx, sends)
	if err != nil {
		return fmt.Errorf("read keys: %w", classifyService(err))
	}
	statements := []statement{chats.insert()}
	if fresh := keys.settle(sends); len(fresh) > 0 {
		lanes.stamp(fresh, now().UnixMicro())
		statements = append(statements, insertMessages(fresh), keys.insert(), lanes.save())
	}
	if err := tx.exec(statements...); err != nil {
		return fmt.Errorf("insert: %w", classify(err))
	}
	keys.replay(sends)
	return nil
}

// clocks are the last send_times of locked lanes.
type clocks map[int]int64

// lock begins the transaction and locks the lanes, in the order of their ids, so that
// two batches never wait for each other. Then it reads more.
func (c clocks) lock(tx transaction, more ...reading) error {
	ids := slices.Sorted(maps.Keys(c))
	lanes := statement{sql: "SELECT id, last_send_time, " + tx.readOnly + " FROM lanes WHERE id IN (" + list("?", len(ids)) + ") ORDER BY id" + tx.forUpdate}
	for _, id := range ids {
		lanes.args = append(lanes.args, id)
	}
	locked := 0
	var server serverTold // a user with more rights than it needs could write to a read-only server
	err := tx.begin(append([]reading{{lanes, func(rows *sql.Rows) error {
		var id int
		var last int64
		if err := rows.Scan(&id, &last, &server); err != nil {
			return err
		}
		c[id] = last
		locked++
		return nil
	}}}, more...)...)
	switch {
	case err != nil:
		return err
	case locked != len(ids):
		return ErrLanes
	}
	return server.err()
}

// stamp gives each send the next time of its lane: now, or one microsecond after the
// last one.
func (c clocks) stamp(fresh []*Send, now int64) {
	before := maps.Clone(c)
	for _, s := range fresh {
		lane := s.Chat.Lane()
		s.LaneWas = before[lane]
		s.SendTime = max(now, c[lane]+1)
		c[lane] = s.SendTime
	}
}

// save writes the lanes' last send_times.
func (c clocks) save() statement {
	ids := slices.Sorted(maps.Keys(c))
	args := make([]any, 0, 3*len(ids))
	for _, id := range ids {
		args = append(args, id, c[id])
	}
	for _, id := range ids {
		args = append(args, id)
	}
	return statement{
		"UPDATE lanes SET last_send_time = CASE id" + strings.Repeat(" WHEN ? THEN ?", len(ids)) + " END" +
			" WHERE id IN (" + list("?", len(ids)) + ")", args,
	}
}

// insertMessages inserts the messages.
func insertMessages(fresh []*Send) statement {
	args := make([]any, 0, 4*len(fresh))
	for _, s := range fresh {
		args = append(args, string(s.Chat), s.SendTime, s.Sender, s.Text)
	}
	return statement{"INSERT INTO messages (chat, send_time, sender, text) VALUES " + list("(?,?,?,?)", len(fresh)), args}
}
