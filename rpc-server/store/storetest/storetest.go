// Package storetest gives tests real databases: fresh SQLite files, and fresh
// databases on a server that the test run starts for itself, of the kind that
// TEST_DATABASE names, or that TEST_MYSQL_DSN names.
package storetest

import (
	"database/sql"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"os"
	"path"
	"path/filepath"
	"strings"
	"testing"

	"github.com/glebarez/sqlite"
	driver "github.com/go-sql-driver/mysql"
	"gorm.io/gorm"

	"example.com/im/idl/chat"
	"example.com/im/idl/daemon"
	"example.com/im/rpc-server/store"
)

// MySQL returns the DSN of a fresh, empty database, which is dropped at the end
// of the test.
func MySQL(t testing.TB) string {
	t.Helper()
	server := sharedServer(t)
	c, err := driver.ParseDSN(server)
	if err != nil {
		t.Fatalf("TEST_MYSQL_DSN: %v", err)
	}
	c.DBName = fmt.Sprintf("im_test_%016x", rand.Uint64())
	run(t, server, "CREATE DATABASE "+c.DBName)
	t.Cleanup(func() { run(t, server, "DROP DATABASE "+c.DBName) })
	return c.FormatDSN()
}

// run runs one statement on the server.
func run(t testing.TB, dsn, statement string) {
	t.Helper()
	pool, err := Connect(dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = pool.Close() }()
	if _, err := pool.Exec(statement); err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
}

// Connect returns a pool of connections whose driver does not log.
func Connect(dsn string) (*sql.DB, error) {
	c, err := driver.ParseDSN(dsn)
	if err != nil {
		return nil, err
	}
	c.Logger = &driver.NopLogger{}
	connector, err := driver.NewConnector(c)
	if err != nil {
		return nil, err
	}
	return sql.OpenDB(connector), nil
}

// SQLite returns the dialector of a fresh database file.
func SQLite(t testing.TB) gorm.Dialector {
	t.Helper()
	return SQLiteFile(filepath.Join(t.TempDir(), "im.db"))
}

// SQLiteFile returns the dialector of a database file that is as durable as the
// MySQL set-up: what is committed survives a crash. Transactions begin IMMEDIATE:
// one that would lock only at its first write could fail there, after its reads. path may
// have any characters: those that mean something in a URI are escaped, as SQLite's page on
// URI file names (section 3.1) asks for.
func SQLiteFile(path string) gorm.Dialector {
	path = strings.NewReplacer("%", "%25", "?", "%3f", "#", "%23").Replace(path)
	return sqlite.Open("file:" + path + "?_txlock=immediate" +
		"&_pragma=busy_timeout(2000)&_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)")
}

// Each runs the test on a fresh database of each kind, in parallel. Each call of
// open opens one more store on that database, for the length of the test.
func Each(t *testing.T, test func(t *testing.T, open func() *store.Store)) {
	t.Helper()
	databases := map[string]func(*testing.T) func() gorm.Dialector{
		ServerName(): func(t *testing.T) func() gorm.Dialector {
			dsn := MySQL(t)
			return func() gorm.Dialector { return Dialector(t, dsn) }
		},
	}
	if os.Getenv("TEST_DATABASE") == "" {
		databases["SQLite"] = func(t *testing.T) func() gorm.Dialector {
			file := filepath.Join(t.TempDir(), "im.db")
			return func() gorm.Dialector { return SQLiteFile(file) }
		}
	}
	for name, fresh := range databases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dialector := fresh(t)
			test(t, func() *store.Store { return Open(t, dialector()) })
		})
	}
}

// Cases returns how many random cases a test of [Each] tries: on SQLite, which is in
// Go and slow under the race detector, a number of its own.
func Cases(t *testing.T, server, sqlite int) int {
	t.Helper()
	if path.Base(t.Name()) == "SQLite" {
		return sqlite
	}
	return server
}

// Dialector returns the dialector of dsn, as production has it.
func Dialector(t testing.TB, dsn string) gorm.Dialector {
	t.Helper()
	dialector, err := store.MySQL(dsn)
	if err != nil {
		t.Fatal(err)
	}
	return dialector
}

// Config returns the defaults of a store.
func Config() store.Config { return store.Config{Settings: daemon.Default[store.Settings]()} }

// LogTo returns the defaults of a store that logs to w.
func LogTo(w io.Writer) store.Config {
	cfg := Config()
	cfg.Log = slog.New(slog.NewTextHandler(w, nil))
	return cfg
}

// Open opens a store for the length of the test.
func Open(t testing.TB, dialector gorm.Dialector) *store.Store {
	t.Helper()
	st, err := store.Open(t.Context(), dialector, Config())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = st.Close() })
	return st
}

// Proxied returns a proxy before the database of dsn, and the DSN that leads through
// it.
func Proxied(t testing.TB, dsn string) (proxy *Proxy, throughProxy string) {
	t.Helper()
	c, err := driver.ParseDSN(dsn)
	if err != nil {
		t.Fatal(err)
	}
	proxy = NewProxy(t, c.Addr)
	c.Addr = proxy.Addr()
	return proxy, c.FormatDSN()
}

// ThroughProxy returns two stores on one fresh database of a server, one of them
// behind a proxy.
func ThroughProxy(t testing.TB) (proxy *Proxy, proxied, direct *store.Store) {
	t.Helper()
	dsn := MySQL(t)
	proxy, throughProxy := Proxied(t, dsn)
	return proxy, Open(t, Dialector(t, throughProxy)), Open(t, Dialector(t, dsn))
}

// All reads a chat from its first message on.
func All(t testing.TB, st *store.Store, name string) []store.Message {
	t.Helper()
	var messages []store.Message
	for q := (store.Query{Chat: chat.Name(name), Limit: chat.MaxLimit}); ; {
		page, err := st.Page(t.Context(), q)
		if err != nil {
			t.Fatal(err)
		}
		messages = append(messages, page.Messages...)
		q.Cursor = page.NextCursor
		if !page.HasMore {
			return messages
		}
	}
}
