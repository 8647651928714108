package store

import (
	"database/sql"
	"errors"
	"fmt"
	"io"
)

// A demoted server goes on answering reads, without what its successor stores meanwhile
// (P3). An endpoint that keeps old connections leaves pulls there. So each answer has to
// come from a server that took writes after the call had come: that server has what was
// acknowledged before the call. Each read asks for this in its own statement, because
// another statement may reach another server.

// errReadOnly: the server takes no writes. It was demoted, or is a replica.
var errReadOnly = fmt.Errorf("%w: the server is read-only: it was demoted, or is a replica", ErrUnavailable)

// serverRow marks the row in which a server tells of itself. No message has such a
// send_time, and no lane such an id.
const serverRow = -1

// withServerRow adds one row to a query's result, at any position. The row has
// [serverRow] in its first column, and in the second whether the server is read-only.
// further are the values of its other columns. If the row is missing, the result is not
// whole.
func (d dialect) withServerRow(query, further string) string {
	return fmt.Sprintf("%s UNION ALL SELECT %d, %s%s", fmt.Sprintf(d.branch, query), serverRow, d.readOnly, further)
}

// serverTold is what a server has told of itself in a result.
type serverTold struct{ told, readOnly bool }

// Scan implements [sql.Scanner]. It takes whether the server is read-only.
func (s *serverTold) Scan(readOnly any) error {
	if text, ok := readOnly.([]byte); ok {
		readOnly = string(text)
	}
	s.told = true
	s.readOnly = s.readOnly || !off(fmt.Sprint(readOnly))
	return nil
}

// whole returns an error unless all rows have come, from a server that takes writes.
func (s *serverTold) whole(rows *sql.Rows) error {
	if err := rows.Err(); err != nil {
		return err
	}
	return s.err()
}

// err returns an error unless the server has told that it takes writes.
func (s *serverTold) err() error {
	switch {
	case !s.told:
		return errShort
	case s.readOnly:
		return errReadOnly
	}
	return nil
}

// errShort: the server has ended a result before its last row, without an error.
var errShort = fmt.Errorf("the database's answer is not whole: %w", io.ErrUnexpectedEOF)

// leaveReadOnly leaves the server if err says that it takes no writes.
func (s *Store) leaveReadOnly(err error) {
	if errors.Is(err, errReadOnly) {
		s.endpoint.leave()
	}
}
