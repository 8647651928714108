package store

import (
	"errors"
	"fmt"
	"strings"

	driver "github.com/go-sql-driver/mysql"
)

// ErrDiskFull comes with [ErrUnavailable] or [ErrUnknown], and names the reason.
var ErrDiskFull = errors.New("the database's disk is full")

const sqliteFull = 13 // of sqlite.org/rescode.html

// sqliteError is SQLite's error. The production binary leaves the driver out, so its
// type cannot be imported.
type sqliteError interface {
	error
	Code() int
}

// diskFull reports whether err comes from a database without space.
func diskFull(err error) bool {
	if server := (*driver.MySQLError)(nil); errors.As(err, &server) {
		switch server.Number {
		case 1021, // disk full
			1114: // table full: no space for more pages, on the disk or by a limit of the tablespace
			return true
		}
		return saysDiskFull(server.Message)
	}
	return sqliteDiskFull(err)
}

// saysDiskFull reports whether a server names a full disk in the text of a code that
// stands for any error of a file. The codes 3, 1026, 1030 and 1180 come with ENOSPC as
// MariaDB writes it ("Errcode: 28", "error 28") or as MySQL does ("OS errno 28").
// TiDB's, from its source, is 1105 with the region error of TiKV.
func saysDiskFull(message string) bool {
	for _, sign := range []string{"No space left on device", "Errcode: 28", "errno 28", "Got error 28", "disk_full"} {
		if strings.Contains(message, sign) {
			return true
		}
	}
	return false
}

// sqliteDiskFull reports whether err is SQLite's of a full disk. Even at COMMIT this
// error leaves nothing stored. The write fails before the log holds the last page whole.
// Only that page would make the transaction valid, so SQLite rolls back. A failed sync
// (an I/O error) comes after that page.
func sqliteDiskFull(err error) bool {
	var embedded sqliteError
	return errors.As(err, &embedded) && embedded.Code()&0xff == sqliteFull
}

// nameDiskFull adds [ErrDiskFull] to an error of a full disk.
func nameDiskFull(err error) error {
	if !diskFull(err) {
		return err
	}
	return fmt.Errorf("%w: %w", ErrDiskFull, err)
}
