package store

import (
	"context"
	"database/sql"
	sqldriver "database/sql/driver"
	"errors"
	"fmt"
	"io"
	"net"
	"regexp"

	driver "github.com/go-sql-driver/mysql"
)

// What has become of a batch that was not stored. An error of [Store.Commit] that is
// none of these is a defect of one of its messages or of this program, and nothing was
// stored.
var (
	// ErrConflict: nothing was stored, because another transaction was in the way. The
	// same batch may succeed now.
	ErrConflict = errors.New("the database is busy")
	// ErrUnavailable: nothing was stored, because the database is out of reach or
	// refuses to serve.
	ErrUnavailable = errors.New("the database is unavailable")
	// ErrBusy: a page was not read, because too many others wait for the connections.
	// It is no error of [Store.Commit].
	ErrBusy = errors.New("too many pulls are waiting")
	// ErrInboxRows: an inbox was not read, because too many chats of the member have got
	// messages within a minute.
	ErrInboxRows = errors.New("too many chats of this member get messages: try again")
	// ErrSyncRows: a sync was not read, because too many chats of the member are new.
	ErrSyncRows = errors.New("too many chats of this member are new: go on from the sync_cursor of its chats")
	// ErrUnknown: COMMIT failed, most often because the connection was lost. The batch
	// is stored whole or not at all.
	ErrUnknown = errors.New("the database's answer was lost")
)

// Unavailable reports whether err may go away by itself.
func Unavailable(err error) bool {
	for _, passing := range []error{ErrUnavailable, ErrConflict, ErrBusy, ErrInboxRows, ErrSyncRows} {
		if errors.Is(err, passing) {
			return true
		}
	}
	return false
}

// classify wraps an error of a statement in the sentinel that tells what to do. The
// statement has left nothing stored.
func classify(err error) error {
	if err == nil || Unavailable(err) || errors.Is(err, ErrTables) {
		return err
	}
	if diskFull(err) {
		return fmt.Errorf("%w: %w", ErrUnavailable, nameDiskFull(err))
	}
	if server := (*driver.MySQLError)(nil); errors.As(err, &server) {
		switch classOf(server) {
		case conflict:
			return fmt.Errorf("%w: %w", ErrConflict, err)
		case refusal:
			return fmt.Errorf("%w: %w", ErrUnavailable, err)
		case readOnly:
			return fmt.Errorf("%w: %w", errReadOnly, err)
		case defect:
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

// classifyService is classify for the statements before the messages' own. No message
// is at fault there, so the error is the database's.
func classifyService(err error) error {
	if err = classify(err); Unavailable(err) {
		return err
	}
	return fmt.Errorf("%w: %w", ErrUnavailable, err)
}

// lostConnection reports whether err comes from the way to the database, not from the
// database.
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

// classifyCommit is classify for an error of COMMIT. Only three are known to have left
// nothing stored: a conflict, a read-only server, and SQLite's full disk.
func classifyCommit(err error) error {
	if err == nil {
		return nil
	}
	classified := classify(err)
	if errors.Is(classified, ErrConflict) || errors.Is(classified, errReadOnly) || sqliteDiskFull(err) {
		return classified
	}
	return fmt.Errorf("%w: %w", ErrUnknown, nameDiskFull(err))
}

// A class is the meaning of a server's error for a statement.
type class int

const (
	defect   class = iota // of the statement, or of this program
	conflict              // another transaction was in the way: see [ErrConflict]
	refusal               // the server does not serve at present: see [ErrUnavailable]
	readOnly              // the server takes no writes: see [errReadOnly]
)

// classes maps the errors of servers to their classes, by number. A number that is
// missing is a defect, or a full disk ([diskFull]). The numbers are those of MySQL's
// and MariaDB's error references. Those from 8000 on are TiDB's (pkg/errno/errcode.go).
// The 2000s come from a router or proxy that has lost its server, and says so in a
// packet.
var classes = map[uint16]class{
	1020: conflict, // record has changed since last read
	1205: conflict, // lock wait timeout
	1213: conflict, // deadlock; on Galera a failed certification
	3101: conflict, // Group Replication: rolled back at COMMIT by its certification
	8022: conflict, // TiDB: transaction must be retried
	8028: conflict, // TiDB: schema changed during the transaction
	9007: conflict, // TiDB: write conflict

	1290: readOnly, // running with --read-only or --super-read-only
	1792: readOnly, // in a read-only transaction
	1836: readOnly, // running in read-only mode

	1037: refusal, 1038: refusal, // out of memory
	1040: refusal,                // too many connections
	1041: refusal,                // out of resources
	1047: refusal,                // Galera: node is not ready
	1053: refusal,                // server shutdown in progress
	1129: refusal, 1130: refusal, // host blocked, host not allowed
	1135: refusal,                                              // cannot make a thread
	1158: refusal, 1159: refusal, 1160: refusal, 1161: refusal, // network errors, as the server saw them
	1180: refusal,                // error during COMMIT, also of a statement with autocommit
	1203: refusal, 1226: refusal, // too many connections of this user, resource limit
	1317: refusal,                // query interrupted
	1461: refusal,                // too many prepared statements
	1637: refusal,                // too many transactions
	1927: refusal,                // MariaDB: connection was killed
	1969: refusal,                // MariaDB: query took too long
	2002: refusal, 2003: refusal, // router: no server can be reached
	2006: refusal, 2013: refusal, // router: its server is gone, was lost during a query
	3024: refusal,                // query took too long
	3032: refusal,                // offline mode
	3100: refusal,                // Group Replication: its hook has failed for a statement with autocommit
	3168: refusal, 3169: refusal, // server not available, session was killed
	3781: refusal, 3782: refusal, 3783: refusal, // Group Replication: a new primary holds statements until it is ready
	3796: refusal, 3797: refusal, 3798: refusal, 3799: refusal, // Group Replication: the group is not ready
	4031: refusal,                                                             // disconnected by the server
	9001: refusal, 9002: refusal, 9003: refusal, 9004: refusal, 9005: refusal, // TiDB: parts of the cluster are out of reach
}

// conflictTexts find the conflicts among the errors of a number that stands for many.
// 1180 is a COMMIT that the engine has refused; in it the text has the engines' number
// of a deadlock. TiDB gives 1105 to errors without a number of their own
// (pkg/executor/adapter.go and client-go's error package).
var conflictTexts = map[uint16]*regexp.Regexp{
	1180: regexp.MustCompile(`\b149\b`),
	1105: regexp.MustCompile(`^(pessimistic lock retry limit reached|lock wait timeout)`),
}

// classOf returns the class of a server's error.
func classOf(err *driver.MySQLError) class {
	if text := conflictTexts[err.Number]; text != nil && text.MatchString(err.Message) {
		return conflict
	}
	return classes[err.Number]
}
