package store

import (
	"context"
	"database/sql"
	sqldriver "database/sql/driver"
	"errors"
	"fmt"
	"io"
	"net"

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
	// ErrUnknown: COMMIT failed, most often because the connection was lost. The batch
	// is stored whole or not at all.
	ErrUnknown = errors.New("the database's answer was lost")
)

// Unavailable reports whether err may go away by itself.
func Unavailable(err error) bool {
	return errors.Is(err, ErrUnavailable) || errors.Is(err, ErrConflict) || errors.Is(err, ErrBusy)
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
