package store

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"example.com/im/idl/chat"
)

// statementTime is how long the server works at most on a statement of an inbox, of a
// sync or of a list of members. (SQLite knows no such bound.)
const statementTime = 2 * time.Second

// A snapshot is a transaction that reads, as it is at one moment, what no memory has.
type snapshot struct {
	transaction
	lanes       Lanes
	unaccounted [chat.Lanes]bool // an earlier version has committed there, and the rows in members are not moved yet
}

// read runs do in a snapshot that begins after the call. So it shows what was
// acknowledged before. ctx and the errors are those of [Store.Page].
func (s *Store) read(ctx context.Context, what string, do func(*snapshot) error) error {
	giveBack, err := s.snapshotSlots.take(ctx)
	if err != nil {
		return err
	}
	defer giveBack()
	if err := s.readSnapshot(onlyTrace(ctx), do); err != nil {
		return s.failed("read "+what, err)
	}
	return nil
}

func (s *Store) readSnapshot(ctx context.Context, do func(*snapshot) error) error {
	tx, err := s.newTransaction(ctx)
	if err != nil {
		return err
	}
	tx.start = tx.snapshot
	snap := &snapshot{transaction: tx}
	if err = snap.readLanes(); err == nil {
		err = do(snap)
	}
	if err != nil {
		tx.rollback()
		return err
	}
	return tx.commit()
}

// readLanes begins the transaction. Its moment is that of the first SELECT.
func (s *snapshot) readLanes() error {
	read := 0
	var server serverTold
	all := statement{sql: "SELECT id, " + clockColumns + ", " + s.readOnly + " FROM lanes"}
	err := s.begin(reading{all, func(rows *sql.Rows) error {
		var id int
		var last, accounted, unaccounted int64
		if err := rows.Scan(&id, &last, &accounted, &unaccounted, &server); err != nil {
			return err
		}
		if id < 0 || id >= len(s.lanes) {
			return ErrLanes
		}
		s.lanes[id], s.unaccounted[id] = last, newClock(last, accounted, unaccounted).unaccounted > 0
		read++
		return nil
	}})
	if err == nil && read != len(s.lanes) {
		err = fmt.Errorf("%w: %w (%d rows)", ErrUnavailable, ErrLanes, read)
	}
	if err == nil {
		err = server.err()
	}
	return err
}

// query reads the rows of a SELECT, whose sql leaves that word out.
func (s *snapshot) query(sql string, args []any, scan func(*sql.Rows) error) error {
	return s.transaction.query(reading{statement{s.limited + " " + sql, args}, scan})
}
