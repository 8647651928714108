package store

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
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
	err := s.begin(reading{statement{sql: s.clocksSQL()}, func(rows *sql.Rows) error {
		id, c, err := scanClock(rows, &server)
		if err != nil {
			return err
		}
		if id < 0 || id >= len(s.lanes) {
			return ErrLanes
		}
		s.lanes[id], s.unaccounted[id] = c.last, c.unaccounted > 0
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

// query reads the rows of a SELECT of so many columns, in any order. A server that stops may
// end a result early without an error. So one row more has to come (see
// [dialect.withServerRow]).
func (s *snapshot) query(columns int, query string, args []any, scan func(row) error) error {
	query = fmt.Sprintf("%s 0, q.* FROM (%s) AS q UNION ALL SELECT %d%s", s.limited, query, serverRow, strings.Repeat(", NULL", columns))
	mark, whole := 0, false
	marked := make([]any, 1+columns)
	marked[0] = &mark
	for i := range columns {
		marked[1+i] = ignored{}
	}
	err := s.transaction.query(reading{statement{query, args}, func(rows *sql.Rows) error {
		if err := rows.Scan(marked...); err != nil || mark == serverRow {
			whole = true
			return err
		}
		return scan(row{rows})
	}})
	if err == nil && !whole {
		err = errShort
	}
	return err
}

// A row is one that a snapshot has read.
type row struct{ rows *sql.Rows }

// Scan is that of [sql.Rows], without the column that marks the last row.
func (r row) Scan(dest ...any) error { return r.rows.Scan(append([]any{ignored{}}, dest...)...) }

// ignored is a column that nobody wants.
type ignored struct{}

// Scan implements [sql.Scanner].
func (ignored) Scan(any) error { return nil }
