package store

import "fmt"

// A dialect holds the SQL that differs between kinds of databases.
type dialect struct {
	start     string // begins a transaction
	forUpdate string // ends a SELECT that locks its rows
	byKey     string // after a table's name, on a server that may scan: its rows are found by the primary key
	joins     bool   // the begin comes in one packet with the first statement
	branch    string // format of a query, with ORDER BY and LIMIT, as a branch of a UNION
	readOnly  string // expression: true if the server takes no writes
	clock     string // expression: microseconds since 1970, whatever the time zone
	table     string // ends each CREATE TABLE
	addIndex  string // format: its name, its table, its columns
	snapshot  string // begins a transaction all of whose reads show one moment
	// indexInTable: a CREATE TABLE can make indexes.
	indexInTable bool
	// limited begins a SELECT that the server ends after [statementTime].
	limited string
}

// dialects are the dialects by GORM's names. Names and keys are equal only if their
// bytes are, and tables keep rows in the order of their primary key.
//
// SQLite's transactions begin IMMEDIATE, and so lock everything. It has no network, so
// there are no packets, and there is no other server to be demoted for. Its clock is
// this machine's.
var dialects = map[string]dialect{
	"mysql": {
		start: "START TRANSACTION", forUpdate: " FOR UPDATE", joins: true,
		// Only MariaDB was seen to need it: see update.
		byKey:    "/*M!100100 FORCE INDEX (PRIMARY) */",
		branch:   "(%s)",
		readOnly: "@@global.read_only",
		clock:    "TIMESTAMPDIFF(MICROSECOND, '1970-01-01', UTC_TIMESTAMP(6))",
		table:    " ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin",
		addIndex: "ALTER TABLE %[2]s ADD INDEX %[1]s (%[3]s)", indexInTable: true,
		// Not READ ONLY, which TiDB refuses.
		snapshot: "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ;START TRANSACTION",
		// MariaDB runs what the comment holds. MySQL and TiDB skip it, and obey the hint.
		limited: fmt.Sprintf("/*M!100100 SET STATEMENT max_statement_time=%v FOR */ SELECT /*+ MAX_EXECUTION_TIME(%d) */",
			statementTime.Seconds(), statementTime.Milliseconds()),
	},
	"sqlite": {
		start:    "BEGIN IMMEDIATE",
		branch:   "SELECT * FROM (%s)",
		readOnly: "0",
		clock:    "CAST((julianday('now') - 2440587.5) * 86400000000 AS INTEGER)",
		table:    " WITHOUT ROWID",
		addIndex: "CREATE INDEX IF NOT EXISTS %s ON %s (%s)",
		snapshot: "BEGIN",
		limited:  "SELECT",
	},
}

// update begins an UPDATE of rows that it names by their primary key. Left to itself,
// MariaDB scans a small table for as few as a dozen rows. A scan asks for the lock of
// every row. Where another transaction holds one, and waits for this one, the server sees
// a deadlock.
func (d dialect) update(table string) string { return "UPDATE " + table + " " + d.byKey + " SET " }
