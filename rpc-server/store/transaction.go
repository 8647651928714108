package store

import (
	"context"
	"database/sql"
	sqldriver "database/sql/driver"
	"slices"
	"strings"
)

// A transaction runs the statements of a commit. They are written out: GORM's
// reflection costs more than all else that the service does for a message.
//
// It is not an [sql.Tx], which begins in a round trip of its own: between the end
// of one and the next, the lanes are held and those whom the last commit has
// answered take the processor.
type transaction struct {
	conn *sql.Conn
	dialect
	joined bool            // several statements go in one round trip
	ctx    context.Context // of its trace
}

// newTransaction takes a connection for a transaction, until commit or rollback.
//
// Statements are joined where no server ends a transaction between two of them
// without an error. A Galera node does: when a commit of another node is in the way,
// it rolls back, runs the rest of the packet with autocommit, and answers OK to all of
// it, COMMIT included. A statement that comes alone gets the error.
func (s *Store) newTransaction(ctx context.Context) (transaction, error) {
	conn, err := s.pool.Conn(ctx)
	return transaction{conn, s.dialect, s.dialect.joins && !s.endpoint.galera.Load(), ctx}, err
}

// begin begins the transaction and reads. The first of the readings locks: until it
// has begun there is nothing that another node could be in the way of, so on Galera,
// too, it goes in one round trip with the begin.
func (tx transaction) begin(readings ...reading) error {
	if tx.joins {
		readings[0].sql = tx.start + ";" + readings[0].sql
	} else if err := tx.exec(statement{sql: tx.start}); err != nil {
		return err
	}
	return tx.query(readings...)
}

// commit ends the transaction. After an error the database has committed all of it
// or nothing.
func (tx transaction) commit() error {
	if err := tx.exec(statement{sql: "COMMIT"}); err != nil {
		tx.rollback()
		return err
	}
	return tx.conn.Close()
}

// rollback ends the transaction, and leaves nothing of it. If the database cannot be
// told, it learns of it by the end of the connection.
func (tx transaction) rollback() {
	if tx.exec(statement{sql: "ROLLBACK"}) != nil {
		_ = tx.conn.Raw(func(any) error { return sqldriver.ErrBadConn }) // keeps it out of the pool
	}
	_ = tx.conn.Close()
}

// A statement is a statement with its arguments. One without SQL is none.
type statement struct {
	sql  string
	args []any
}

// exec executes the statements, up to the first that fails.
func (tx transaction) exec(statements ...statement) error {
	statements = slices.DeleteFunc(statements, func(s statement) bool { return s.sql == "" })
	if tx.joined && len(statements) > 0 {
		statements = []statement{join(statements)}
	}
	for _, s := range statements {
		if _, err := tx.conn.ExecContext(tx.ctx, s.sql, s.args...); err != nil {
			return err
		}
	}
	return nil
}

// join makes one text of the statements.
func join(statements []statement) statement {
	all := statements[0]
	for _, s := range statements[1:] {
		all.sql += ";" + s.sql
		all.args = append(all.args, s.args...)
	}
	return all
}

// A reading is a statement and what takes each of its rows. One without SQL is
// none.
type reading struct {
	statement
	scan func(*sql.Rows) error
}

// query reads the rows of the statements, of each when those before it are done.
func (tx transaction) query(readings ...reading) error {
	readings = slices.DeleteFunc(readings, func(r reading) bool { return r.sql == "" })
	if !tx.joined {
		for _, r := range readings {
			if err := tx.read(r); err != nil {
				return err
			}
		}
		return nil
	}
	return tx.read(readings...)
}

// read reads the rows of the statements in one round trip.
func (tx transaction) read(readings ...reading) error {
	statements := make([]statement, len(readings))
	for i, r := range readings {
		statements[i] = r.statement
	}
	all := join(statements)
	rows, err := tx.conn.QueryContext(tx.ctx, all.sql, all.args...)
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	for _, r := range readings {
		for rows.Next() {
			if err := r.scan(rows); err != nil {
				return err
			}
		}
		rows.NextResultSet() // a statement that fails has none, and then Err says why
	}
	return rows.Err()
}

// list returns item n times, with commas between.
func list(item string, n int) string {
	return item + strings.Repeat(","+item, n-1)
}
