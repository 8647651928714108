package bench

import (
	"database/sql"
	"fmt"
	"strings"
	"time"

	driver "github.com/go-sql-driver/mysql"

	"example.com/im/idl/chat"
	"example.com/im/rpc-server/store"
	"example.com/im/rpc-server/store/storetest"
	"example.com/im/test/bench/message"
)

const (
	// minBufferPool and rowBytes decide the database's memory: it holds all that is
	// read.
	minBufferPool = 1 << 30
	rowBytes      = 300

	insertRows = 1000
	// messageGap is between two messages of a filled chat, in microseconds.
	messageGap = 1000
)

// databaseArgs are the options of the database, beside the durable ones.
func databaseArgs(size scale) []string {
	return []string{
		fmt.Sprintf("--innodb-buffer-pool-size=%d", max(minBufferPool, tableFactor*size.deepChat*rowBytes)),
		"--innodb-log-file-size=512M", "--max-connections=500",
	}
}

// shownSettings are those that the report shows.
var shownSettings = []string{
	"version", "innodb_flush_log_at_trx_commit", "sync_binlog", "log_bin", "innodb_buffer_pool_size",
	"innodb_log_file_size", "innodb_flush_method", "max_connections",
}

// settings returns the database's.
func (w *world) settings() map[string]string {
	w.Helper()
	settings := make(map[string]string)
	for _, name := range shownSettings {
		var value string
		if err := w.sql("").QueryRow("SELECT @@" + name).Scan(&value); err != nil {
			w.Fatalf("setting %s: %v", name, err)
		}
		settings[name] = value
	}
	return settings
}

// sql returns a pool of connections for the length of the test.
func (w *world) sql(database string) *sql.DB {
	w.Helper()
	c, err := driver.ParseDSN(w.mariadb.DSN(database))
	if err != nil {
		w.Fatal(err)
	}
	connector, err := driver.NewConnector(c)
	if err != nil {
		w.Fatal(err)
	}
	pool := sql.OpenDB(connector)
	w.Cleanup(func() { _ = pool.Close() })
	return pool
}

// database makes a database unless it is there, and returns its DSN.
func (w *world) database(name string) string {
	w.Helper()
	if _, err := w.sql("").Exec("CREATE DATABASE IF NOT EXISTS " + name); err != nil {
		w.Fatal(err)
	}
	return w.mariadb.DSN(name)
}

// open opens a store of the product's on a database.
func (w *world) open(name string) *store.Store {
	w.Helper()
	return storetest.Open(w, storetest.Dialector(w, w.database(name)))
}

// A filling is messages that are there before a scenario begins.
type filling struct {
	chats, each int
	first       int  // chat
	lanes       bool // the product's schema
}

// time returns the send_time of the nth message of a filled chat.
func (f filling) time(begin int64, n int) int64 { return begin + int64(n)*messageGap }

// fill writes messages straight into the database, which takes much less time than the
// product would. It returns the send_time of the first message of each chat. The chats
// must be unused.
func (w *world) fill(dsn string, f filling) (begin int64) {
	w.Helper()
	c, err := driver.ParseDSN(dsn)
	if err != nil {
		w.Fatal(err)
	}
	pool := w.sql(c.DBName)
	pool.SetMaxOpenConns(1) // for the session's variables
	w.must(pool.Exec("SET sql_log_bin = 0, unique_checks = 0"))
	begin = time.Now().Add(-2 * time.Hour).UnixMicro()
	var rows []byte
	written := 0
	for n := range f.chats * f.each {
		number, i := f.first+n/f.each, n%f.each
		rows = f.appendRow(rows, number, f.time(begin, i), uint64(n))
		if written++; written%insertRows == 0 || n == f.chats*f.each-1 {
			w.must(pool.Exec("INSERT INTO messages (chat, send_time, sender, text) VALUES " + strings.TrimPrefix(string(rows), ",")))
			rows = rows[:0]
		}
	}
	if f.lanes {
		last := f.time(begin, f.each)
		for n := range f.chats {
			lane := chat.Name(message.Chat(f.first + n)).Lane()
			w.must(pool.Exec(fmt.Sprintf("UPDATE lanes SET last_send_time = GREATEST(last_send_time, %d) WHERE id = %d", last, lane)))
		}
		w.takeOver(c.DBName)
	}
	return begin
}

// takeOver has the product account for what was written straight into its database, as
// it does for what an earlier version has written.
func (w *world) takeOver(database string) {
	w.Helper()
	if _, err := w.open(database).TakeOver(w.ctx); err != nil {
		w.Fatal(err)
	}
}

// appendRow appends one row of values, after a comma.
func (filling) appendRow(b []byte, number int, sendTime int64, n uint64) []byte {
	b = append(b, ",('"...)
	b = message.AppendChat(b, number)
	b = fmt.Appendf(b, "',%d,'%s','", sendTime, message.Sender)
	b = message.AppendText(b, n)
	return append(b, "')"...)
}

// must fails the test if a statement has failed.
func (w *world) must(_ sql.Result, err error) {
	w.Helper()
	if err != nil {
		w.Fatalf("%.200v", err)
	}
}
