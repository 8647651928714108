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

// Send is a message on its way into the store, and what Commit has made of it.
type Send struct {
	Message
	Key     string // its idempotency key; "" for none
	Outcome Outcome
	// LaneWas is the lane's last send_time before the commit of a message that
	// was stored: what is in the lane between it and SendTime came with the same
	// commit.
	LaneWas int64
}

// MaxBatch is the largest number of sends in one commit.
const MaxBatch = 512

// commitTimeout bounds the statements of one commit.
const commitTimeout = 15 * time.Second

// readCommitted keeps the UPDATE of lanes from locking rows that it only scans:
// at the default level instances with disjoint lanes deadlock.
var readCommitted = &sql.TxOptions{Isolation: sql.LevelReadCommitted}

// Commit stores the sends in one transaction and sets what it has made of them.
// When it returns nil they are on the database's disk; otherwise the error says
// what became of all of them (see [ErrConflict], [ErrUnavailable], [ErrUnknown]),
// and what was set means nothing.
//
// The sends' lanes are locked until the commit, and times are taken under the
// lock: so the order of times within a lane is the order of commits, whatever
// the clocks of the instances say. now is this instance's clock.
//
// The transaction serves several callers, so no caller's context reaches it.
func (s *Store) Commit(sends []*Send, now func() time.Time) error {
	ctx, cancel := context.WithTimeout(context.Background(), commitTimeout)
	defer cancel()
	tx := s.db.WithContext(ctx).Begin(readCommitted)
	if tx.Error != nil {
		return fmt.Errorf("begin: %w", classifyService(tx.Error))
	}
	if err := write(tx, sends, now); err != nil {
		tx.Rollback() // on a lost connection the database does it
		return err
	}
	if err := tx.Commit().Error; err != nil {
		return fmt.Errorf("commit: %w", classifyCommit(err))
	}
	return nil
}

// write runs the statements of a commit.
func write(tx *gorm.DB, sends []*Send, now func() time.Time) error {
	lanes, err := lockLanes(tx, sends)
	if err != nil {
		return fmt.Errorf("lock lanes: %w", classifyService(err))
	}
	keys, err := knownKeys(tx, sends)
	if err != nil {
		return fmt.Errorf("read keys: %w", classifyService(err))
	}
	if fresh := keys.settle(sends); len(fresh) > 0 {
		if err := insert(tx, fresh, lanes, keys, now().UnixMicro()); err != nil {
			return err
		}
	}
	keys.replay(sends)
	return nil
}

// clocks are the last send_times of locked lanes.
type clocks map[int]int64

// lockLanes locks the lanes of sends, in the order of their ids, so that two
// batches never wait for each other.
func lockLanes(tx *gorm.DB, sends []*Send) (clocks, error) {
	lanes := make(clocks)
	for _, s := range sends {
		lanes[s.Chat.Lane()] = 0
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

// insert stores the sends, whose keys are not known, from the time now on.
func insert(tx *gorm.DB, fresh []*Send, lanes clocks, keys keys, now int64) error {
	lanes.stamp(fresh, now)
	if err := insertMessages(tx, fresh); err != nil {
		return fmt.Errorf("insert messages: %w", classify(err))
	}
	if err := keys.insert(tx); err != nil {
		return fmt.Errorf("insert keys: %w", classify(err))
	}
	if err := lanes.save(tx); err != nil {
		return fmt.Errorf("update lanes: %w", classify(err))
	}
	return nil
}

// stamp gives each send the next time of its lane: now, or one microsecond
// after the last one.
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
func insertMessages(tx *gorm.DB, fresh []*Send) error {
	rows := make([]messageRow, len(fresh))
	for i, s := range fresh {
		rows[i] = messageRow{string(s.Chat), s.SendTime, s.Sender, s.Text}
	}
	return tx.Create(&rows).Error
}
