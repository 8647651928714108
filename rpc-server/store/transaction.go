package store

import (
	"context"
	"database/sql"
	sqldriver "database/sql/driver"
	"strings"
)

// A transaction runs the statements of a commit. They are written by hand: GORM's
// reflection costs more than all else that the service does for a message.
//
// It is not an [sql.Tx]. That begins in a round trip of its own. Between the end of one
// and the next, the transaction would hold the lanes while the callers of the last
// commit take the processor.
//
// Each other statement comes in a packet of its own. Between two statements of one
// packet a Galera node may end the transaction without an error. When a commit of
// another node is in the way, the node rolls back, runs the rest of the packet with
// autocommit, and answers OK to all of it, COMMIT included. A statement that comes
// alone gets the error.
type transaction struct {
	conn *sql.Conn
	dialect
	ctx context.Context // of its trace
}

// newTransaction takes a connection for a transaction, until commit or rollback.
func (s *Store) newTransaction(ctx context.Context) (transaction, error) {
	conn, err := s.pool.Conn(ctx)
	return transaction{conn, s.dialect, ctx}, err
}

// begin begins the transaction and reads. The first of the readings locks. Until it has
// begun, nothing is there that another node could be in the way of. So it comes in one
// packet with the begin.
func (tx transaction) begin(readings ...reading) error {
	if tx.joins {
		readings[0].sql = tx.start + ";" + readings[0].sql
	} else if err := tx.exec(statement{sql: tx.start}); err != nil {
		return err
	}
	return tx.query(readings...)
}

// commit ends the transaction. After an error the database has committed all of it or
// nothing.
func (tx transaction) commit() error {
	if err := tx.exec(statement{sql: "COMMIT"}); err != nil {
		tx.rollback()
		return err
	}
	return tx.conn.Close()
}

// rollback ends the transaction, and leaves nothing of it. If rollback cannot tell the
// database, the end of the connection does.
func (tx transaction) rollback() {
	if tx.exec(statement{sql: "ROLLBACK"}) != nil {
		_ = tx.conn.Raw(func(any) error { return sqldriver.ErrBadConn }) // keeps it out of the pool
	}
	_ = tx.conn.Close()
}

// A statement is SQL with its arguments. The empty statement is skipped.
type statement struct {
	sql  string
	args []any
}

// exec executes the statements, up to the first that fails.
func (tx transaction) exec(statements ...statement) error {
	for _, s := range statements {
		if s.sql == "" {
			continue
		}
		if _, err := tx.conn.ExecContext(tx.ctx, s.sql, s.args...); err != nil {
			return err
		}
	}
	return nil
}

// A reading is a statement, and what takes each of its rows. A reading without SQL is
// skipped.
type reading struct {
	statement
	scan func(*sql.Rows) error
}

// query reads the rows of the statements, one after another.
func (tx transaction) query(readings ...reading) error {
	for _, r := range readings {
		if r.sql == "" {
			continue
		}
		if err := tx.read(r); err != nil {
			return err
		}
	}
	return nil
}

// read reads the rows of a statement.
func (tx transaction) read(r reading) error {
	rows, err := tx.conn.QueryContext(tx.ctx, r.sql, r.args...)
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		if err := r.scan(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}

// list returns item n times, at least once, with commas between.
func list(item string, n int) string { return repeat(item, ",", n) }

// repeat returns item n times, at least once, with separators between.
func repeat(item, separator string, n int) string {
	return item + strings.Repeat(separator+item, n-1)
}
