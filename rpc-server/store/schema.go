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

// ErrLanes says that the lanes table is not the one that this program's messages
// need: its rows are the clocks and locks of the chats.
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

// tableOptions ends each CREATE TABLE, by dialect: names and keys are equal only
// if their bytes are, and rows are stored in the order of their primary key.
var tableOptions = map[string]string{
	"mysql":  " DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin",
	"sqlite": " WITHOUT ROWID",
}

// migrations are applied in order. Several instances may apply the same one at
// the same time, so each can be repeated, and none takes a lock: advisory locks
// are node-local on clusters, and DDL ends transactions. A published one never
// changes.
var migrations = []func(*gorm.DB) error{
	createMessages,
	fillMembers,
}

// migrate brings the schema up to date.
func migrate(db *gorm.DB) error {
	if err := createTable(db, "schema_versions", "version BIGINT NOT NULL PRIMARY KEY, applied_at BIGINT NOT NULL"); err != nil {
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
		if err := apply(db); err != nil {
			return fmt.Errorf("version %d: %w", version, err)
		}
		if err := insertMissing(db, &versionRow{version, time.Now().UnixMicro()}); err != nil {
			return fmt.Errorf("version %d: %w", version, err)
		}
	}
	return nil
}

// createMessages makes the tables of messages. A chat's name has at most 129
// characters: two members of 64 and a colon.
func createMessages(db *gorm.DB) error {
	for _, table := range []struct{ name, columns string }{
		{"messages", "chat VARCHAR(129) NOT NULL, send_time BIGINT NOT NULL," +
			" sender VARCHAR(64) NOT NULL, text TEXT NOT NULL, PRIMARY KEY (chat, send_time)"},
		{"lanes", "id BIGINT NOT NULL PRIMARY KEY, last_send_time BIGINT NOT NULL"},
		{"send_keys", "chat VARCHAR(129) NOT NULL, idempotency_key VARCHAR(128) NOT NULL," +
			" send_time BIGINT NOT NULL, digest BINARY(32) NOT NULL, PRIMARY KEY (chat, idempotency_key)"},
		{"members", "member VARCHAR(64) NOT NULL, chat VARCHAR(129) NOT NULL, PRIMARY KEY (member, chat)"},
	} {
		if err := createTable(db, table.name, table.columns); err != nil {
			return err
		}
	}
	lanes := make([]laneRow, chat.Lanes)
	for id := range lanes {
		lanes[id].ID = id
	}
	return insertMissing(db, &lanes)
}

func createTable(db *gorm.DB, name, columns string) error {
	return db.Exec("CREATE TABLE IF NOT EXISTS " + name + " (" + columns + ")" + tableOptions[db.Name()]).Error
}

// insertMissing inserts those of rows whose primary key is not there yet.
func insertMissing(db *gorm.DB, rows any) error {
	return repeatConflicts(func() error { return db.Clauses(clause.OnConflict{DoNothing: true}).Create(rows).Error })
}

// repeatConflicts repeats what other instances that do the same can make a
// deadlock's victim. Its error is classified.
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
