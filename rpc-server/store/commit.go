package store

import (
	"context"
	"database/sql"
	"fmt"
	"maps"
	"slices"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"example.com/im/idl/chat"
)

// Message is a message as it is stored.
type Message struct {
	Chat     chat.Name
	SendTime int64 // microseconds since 1970, set by Commit
	Sender   string
	Text     string
}

// MaxBatch is the largest number of messages in one commit.
const MaxBatch = 512

// commitTimeout bounds the statements of one commit.
const commitTimeout = 15 * time.Second

// readCommitted keeps the UPDATE of lanes from locking rows that it only scans:
// at the default level instances with disjoint lanes deadlock.
var readCommitted = &sql.TxOptions{Isolation: sql.LevelReadCommitted}

// Commit stores the messages in one transaction and sets their SendTime. When it
// returns nil they are on the database's disk; otherwise the error says what
// became of all of them (see [ErrConflict], [ErrUnavailable], [ErrUnknown]), and
// the SendTimes mean nothing.
//
// The messages' lanes are locked until the commit, and times are taken under the
// lock: so the order of times within a lane is the order of commits, whatever
// the clocks of the instances say. now is this instance's clock.
//
// The transaction serves several callers, so no caller's context reaches it.
func (s *Store) Commit(messages []*Message, now func() time.Time) error {
	ctx, cancel := context.WithTimeout(context.Background(), commitTimeout)
	defer cancel()
	tx := s.db.WithContext(ctx).Begin(readCommitted)
	if tx.Error != nil {
		return fmt.Errorf("begin: %w", classify(tx.Error))
	}
	if err := write(tx, messages, now); err != nil {
		tx.Rollback() // on a lost connection the database does it
		return classify(err)
	}
	if err := tx.Commit().Error; err != nil {
		return fmt.Errorf("commit: %w", classifyCommit(err))
	}
	return nil
}

// write runs the statements of a commit.
func write(tx *gorm.DB, messages []*Message, now func() time.Time) error {
	lanes, err := lockLanes(tx, messages)
	if err != nil {
		return fmt.Errorf("lock lanes: %w", err)
	}
	lanes.stamp(messages, now().UnixMicro())
	if err := insertMessages(tx, messages); err != nil {
		return fmt.Errorf("insert messages: %w", err)
	}
	if err := lanes.save(tx); err != nil {
		return fmt.Errorf("update lanes: %w", err)
	}
	return nil
}

// clocks are the last send_times of locked lanes.
type clocks map[int]int64

// lockLanes locks the lanes of messages, in the order of their ids, so that two
// batches never wait for each other.
func lockLanes(tx *gorm.DB, messages []*Message) (clocks, error) {
	lanes := make(clocks)
	for _, m := range messages {
		lanes[m.Chat.Lane()] = 0
	}
	var rows []laneRow
	err := tx.Clauses(clause.Locking{Strength: "UPDATE"}).
		Where("id IN ?", slices.Sorted(maps.Keys(lanes))).Order("id").Find(&rows).Error
	if err != nil {
		return nil, err
	}
	if len(rows) != len(lanes) {
		return nil, ErrLanes
	}
	for _, row := range rows {
		lanes[row.ID] = row.LastSendTime
	}
	return lanes, nil
}

// stamp gives each message the next time of its lane: now, or one microsecond
// after the last one.
func (c clocks) stamp(messages []*Message, now int64) {
	for _, m := range messages {
		lane := m.Chat.Lane()
		m.SendTime = max(now, c[lane]+1)
		c[lane] = m.SendTime
	}
}

// save writes the lanes' last send_times.
func (c clocks) save(tx *gorm.DB) error {
	ids := slices.Sorted(maps.Keys(c))
	args := make([]any, 0, 2*len(ids))
	for _, id := range ids {
		args = append(args, id, c[id])
	}
	return tx.Model(&laneRow{}).Where("id IN ?", ids).
		Update("last_send_time", gorm.Expr(caseOf("id", len(ids)), args...)).Error
}

// insertMessages inserts the messages with one statement.
func insertMessages(tx *gorm.DB, messages []*Message) error {
	rows := make([]messageRow, len(messages))
	for i, m := range messages {
		rows[i] = messageRow{string(m.Chat), m.SendTime, m.Sender, m.Text}
	}
	return tx.Create(&rows).Error
}
