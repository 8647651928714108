package store

import (
	"context"
	"database/sql"
	sqldriver "database/sql/driver"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"

	driver "github.com/go-sql-driver/mysql"
)

// What became of a batch that was not stored as it should be. An error of
// [Store.Commit] that is none of these is a defect of one of its messages or of
// this program, and nothing was stored.
var (
	// ErrConflict: nothing was stored, because another transaction was in the
	// way. The same batch may succeed now.
	ErrConflict = errors.New("the database is busy")
	// ErrUnavailable: nothing was stored, because the database cannot be reached
	// or refuses to serve.
	ErrUnavailable = errors.New("the database is unavailable")
	// ErrBusy: a page was not read, because too many others wait for the
	// connections. It is no error of [Store.Commit].
	ErrBusy = errors.New("too many pulls are waiting")
	// ErrUnknown: COMMIT failed, most often for a lost connection. The batch is
	// stored whole or not at all.
	ErrUnknown = errors.New("the database's answer was lost")
)

// Unavailable reports whether err may go away by itself.
func Unavailable(err error) bool {
	return errors.Is(err, ErrUnavailable) || errors.Is(err, ErrConflict) || errors.Is(err, ErrBusy)
}

// conflictCodes are the server errors after which the transaction is rolled
// back, or must be, and may be run again.
var conflictCodes = []uint16{
	1020, // record has changed since last read
	1205, // lock wait timeout
	1213, // deadlock; a failed certification on Galera
	8022, // TiDB: transaction must be retried
	8028, // TiDB: schema changed during the transaction
	9007, // TiDB: write conflict
}

// refusalCodes are the server errors that say nothing about the statement:
// the database does not serve at present.
var refusalCodes = []uint16{
	1037, 1038, // out of memory
	1040,       // too many connections
	1047,       // Galera: node is not ready
	1053,       // server shutdown in progress
	1129, 1130, // host blocked, host not allowed
	1158, 1159, 1160, 1161, // network errors, as the server saw them
	1203, 1226, // too many connections of this user, resource limit
	1290, 1792, 1836, // read-only
	1317,       // query interrupted
	1927,       // MariaDB: connection was killed
	1969, 3024, // query took too long
	3169,       // session was killed
	3168, 4031, // server not available, disconnected by the server
	9001, 9002, 9003, 9004, 9005, // TiDB: parts of the cluster are out of reach
}

// classify wraps an error of a statement, which left nothing stored, in the
// sentinel that tells what to do.
func classify(err error) error {
	if err == nil {
		return nil
	}
	if diskFull(err) {
		return fmt.Errorf("%w: %w", ErrUnavailable, nameDiskFull(err))
	}
	if server := (*driver.MySQLError)(nil); errors.As(err, &server) {
		switch {
		case slices.Contains(conflictCodes, server.Number):
			return fmt.Errorf("%w: %w", ErrConflict, err)
		case slices.Contains(refusalCodes, server.Number):
			return fmt.Errorf("%w: %w", ErrUnavailable, err)
		}
		return err
	}
	if embedded := sqliteError(nil); errors.As(err, &embedded) { // the codes are those of sqlite.org/rescode.html
		switch embedded.Code() & 0xff {
		case 5, 6: // busy, locked
			return fmt.Errorf("%w: %w", ErrConflict, err)
		case 8, 9, 10, 14: // read-only, interrupted, I/O error, cannot open
			return fmt.Errorf("%w: %w", ErrUnavailable, err)
		}
		return err
	}
	if lostConnection(err) {
		return fmt.Errorf("%w: %w", ErrUnavailable, err)
	}
	return err
}

// classifyService is classify for an error of what comes before the messages'
// own statements: none of them is at fault, so it is the database that does not
// serve.
func classifyService(err error) error {
	if err = classify(err); Unavailable(err) {
		return err
	}
	return fmt.Errorf("%w: %w", ErrUnavailable, err)
}

// lostConnection reports whether err comes from the way to the database, not
// from the database.
func lostConnection(err error) bool {
	for _, lost := range []error{
		sqldriver.ErrBadConn, driver.ErrInvalidConn, sql.ErrConnDone, sql.ErrTxDone,
		io.EOF, io.ErrUnexpectedEOF, net.ErrClosed, context.DeadlineExceeded, context.Canceled,
	} {
		if errors.Is(err, lost) {
			return true
		}
	}
	var network net.Error
	return errors.As(err, &network)
}

// classifyCommit is classify for an error of COMMIT: only a conflict, and SQLite's
// full disk, are known to have left nothing stored.
func classifyCommit(err error) error {
	if err == nil {
		return nil
	}
	if classified := classify(err); errors.Is(classified, ErrConflict) || sqliteDiskFull(err) {
		return classified
	}
	return fmt.Errorf("%w: %w", ErrUnknown, nameDiskFull(err))
}
