package store

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"example.com/im/idl/chat"
)

// ErrLanes says that the lanes table is not the one that this program needs. Its rows
// are the clocks and locks of the chats.
var ErrLanes = errors.New("the lanes table does not have exactly the 64 rows 0 to 63: wrong database, or damaged")

// A laneRow is the lock and the clock of all chats of a lane.
type laneRow struct {
	ID           int `gorm:"primaryKey;autoIncrement:false"`
	LastSendTime int64
}

// TableName returns "lanes".
func (laneRow) TableName() string { return "lanes" }

// A versionRow marks a migration as done.
type versionRow struct {
	Version   int `gorm:"primaryKey;autoIncrement:false"`
	AppliedAt int64
}

// TableName returns "schema_versions".
func (versionRow) TableName() string { return "schema_versions" }

// migrations are applied in order. Several instances may apply the same one at the same
// time. So each can be repeated, and none takes a lock: advisory locks are node-local
// on clusters, and DDL ends transactions. A published one never changes.
var migrations = []func(*Store, *gorm.DB) error{
	createMessages,
	func(*Store, *gorm.DB) error { return nil }, // what it did, the next one does
	extendTables,
}

// migrate brings the schema up to date. It refuses existing tables that are not what
// this program needs: a table of another engine would not even lock.
func (s *Store) migrate(db *gorm.DB) error {
	if err := checkTables(db, false); err != nil {
		return err
	}
	if err := create(db, versionsTable); err != nil {
		return err
	}
	var done []int
	if err := db.Model(&versionRow{}).Pluck("version", &done).Error; err != nil {
		return err
	}
	for i, apply := range migrations {
		version := i + 1
		if slices.Contains(done, version) {
			continue
		}
		if err := apply(s, db); err != nil {
			return fmt.Errorf("version %d: %w", version, err)
		}
		if err := insertMissing(db, &versionRow{version, time.Now().UnixMicro()}); err != nil {
			return fmt.Errorf("version %d: %w", version, err)
		}
	}
	return nil
}

// extendTables makes the tables of groups and read marks, and gives chats of earlier
// versions their rows in members. Instances of these versions may serve meanwhile.
func extendTables(s *Store, db *gorm.DB) error {
	if err := create(db, tables...); err != nil {
		return err
	}
	for _, t := range tables {
		if err := t.extend(db); err != nil {
			return err
		}
	}
	_, err := s.TakeOver(db.Statement.Context)
	return err
}

// createMessages makes the tables of messages.
func createMessages(_ *Store, db *gorm.DB) error {
	if err := create(db, messagesTable, lanesTable, keysTable, membersTable); err != nil {
		return err
	}
	lanes := make([]laneRow, chat.Lanes)
	for id := range lanes {
		lanes[id].ID = id
	}
	return insertMissing(db, &lanes)
}

// insertMissing inserts those of rows whose primary key is missing.
func insertMissing(db *gorm.DB, rows any) error {
	return repeatConflicts(func() error { return db.Clauses(clause.OnConflict{DoNothing: true}).Create(rows).Error })
}

// repeatConflicts tries again after conflicts: other instances that do the same can
// make try a deadlock's victim. Its error is classified.
func repeatConflicts(try func() error) error {
	const attempts = 20
	var err error
	for range attempts {
		err = classify(try())
		if !errors.Is(err, ErrConflict) {
			return err
		}
	}
	return err
}

// checkLanes returns ErrLanes unless the lanes are those of this program.
func checkLanes(db *gorm.DB) error {
	var ids []int
	if err := db.Model(&laneRow{}).Order("id").Pluck("id", &ids).Error; err != nil {
		return fmt.Errorf("check lanes: %w", classify(err))
	}
	if len(ids) != chat.Lanes {
		return fmt.Errorf("%w (%d rows)", ErrLanes, len(ids))
	}
	for want, id := range ids {
		if id != want {
			return fmt.Errorf("%w (row %d is missing)", ErrLanes, want)
		}
	}
	return nil
}
