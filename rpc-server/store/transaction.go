package store

import (
	"database/sql"
	"strings"
)

// A transaction runs the statements of a commit. They are written out: GORM's
// reflection costs more than all else that the service does for a message.
type transaction struct {
	*sql.Tx
	dialect
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
	var all statement
	for _, s := range statements {
		if s.sql == "" {
			continue
		}
		if !tx.joined {
			if _, err := tx.Exec(s.sql, s.args...); err != nil {
				return err
			}
			continue
		}
		if all.sql != "" {
			all.sql += ";"
		}
		all.sql += s.sql
		all.args = append(all.args, s.args...)
	}
	if all.sql == "" {
		return nil
	}
	_, err := tx.Exec(all.sql, all.args...)
	return err
}

// query reads the rows of one statement.
func (tx transaction) query(s statement, scan func(*sql.Rows) error) error {
	rows, err := tx.Query(s.sql, s.args...)
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		if err := scan(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}

// list returns item n times, with commas between.
func list(item string, n int) string {
	return item + strings.Repeat(","+item, n-1)
}
