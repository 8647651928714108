package store

import (
	"regexp"

	driver "github.com/go-sql-driver/mysql"
)

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
