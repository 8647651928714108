package store

import (
	"context"
	"database/sql"
	"slices"
	"strings"
)

// A transaction runs the statements of a commit. They are written out: GORM's
// reflection costs more than all else that the service does for a message.
type transaction struct {
	*sql.Tx
	dialect
	ctx context.Context // of its trace
}

// A dialect is what commits have to know of the database.
type dialect struct {
	forUpdate string // ends a SELECT that locks its rows
	joined    bool   // several statements go in one round trip
}

// dialects by GORM's names. SQLite's transactions begin IMMEDIATE, and so lock
// everything; without a network there is nothing to join.
var dialects = map[string]dialect{
	"mysql":  {forUpdate: " FOR UPDATE", joined: true},
	"sqlite": {},
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
		if _, err := tx.ExecContext(tx.ctx, s.sql, s.args...); err != nil {
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
	rows, err := tx.QueryContext(tx.ctx, all.sql, all.args...)
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
