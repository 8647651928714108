package store_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	driver "github.com/go-sql-driver/mysql"

	"example.com/im/rpc-server/store"
	"example.com/im/rpc-server/store/storetest"
)

// A migration that needs a right which user.sql does not grant fails here, and not at a
// user's.
func TestUserCanDoAllThatIsNeeded(t *testing.T) {
	t.Parallel()
	u := newUser(t)
	var log strings.Builder
	for _, schema := range []string{"missing", "there", "of version 1"} {
		if schema == "of version 1" {
			u.asRoot(t, "DELETE FROM "+u.name+".members")
			u.asRoot(t, "DELETE FROM "+u.name+".schema_versions WHERE version > 1")
		}
		err := u.useStore(t.Context(), storetest.LogTo(&log))
		if err != nil {
			t.Errorf("the schema is %s: %v", schema, err)
		}
	}
	if log.Len() > 0 {
		t.Errorf("warned of a durable server: %s", log.String())
	}
}

// The store needs each right that user.sql grants.
func TestUserHasNoRightTooMany(t *testing.T) {
	t.Parallel()
	granted := newUser(t).rights(t)
	if len(granted) == 0 {
		t.Fatal("no right is granted")
	}
	for _, right := range granted {
		t.Run(right, func(t *testing.T) {
			t.Parallel()
			u := newUser(t)
			u.asRoot(t, "REVOKE "+right+" ON "+u.name+".* FROM "+u.name)
			if err := u.useStore(t.Context(), storetest.Config()); err == nil {
				t.Errorf("the store works without %s", right)
			}
		})
	}
}

// A flaw of rpc-server, or its password in wrong hands, can destroy no message and
// reach nothing else on the server.
func TestUserCannotDestroy(t *testing.T) {
	t.Parallel()
	u := newUser(t)
	st := storetest.Open(t, storetest.Dialector(t, u.dsn))
	commit(t, st, message("a:b", "x"))
	refusals := []uint16{
		1044, 1142, // no such right to the database, to the table
		1045, 1227, // to the server
	}
	for _, statement := range []string{
		"DROP TABLE messages", "TRUNCATE TABLE messages", "DELETE FROM messages", "ALTER TABLE messages DROP COLUMN text",
		"RENAME TABLE messages TO gone", "LOCK TABLES messages READ", "SELECT text FROM messages INTO OUTFILE '/tmp/im'",
		"CREATE DATABASE im_other", "SELECT * FROM mysql.user", "CREATE USER im_other", "SET GLOBAL sync_binlog = 0",
	} {
		_, err := st.DB().Exec(statement)
		if refused := (*driver.MySQLError)(nil); !errors.As(err, &refused) || !slices.Contains(refusals, refused.Number) {
			t.Errorf("%s: %v; want a refusal", statement, err)
		}
	}
	if got := storetest.All(t, st, "a:b"); len(got) != 1 {
		t.Errorf("%d messages; want 1", len(got))
	}
}

// user is the user of user.sql, under the name of a fresh database.
type user struct {
	name string // of user and database, and the password
	dsn  string
	root *sql.DB
}

// newUser runs user.sql, for the length of the test.
func newUser(t *testing.T) *user {
	t.Helper()
	dsn := storetest.MySQL(t)
	c, err := driver.ParseDSN(dsn)
	if err != nil {
		t.Fatal(err)
	}
	u := &user{name: c.DBName}
	if u.root, err = sql.Open("mysql", dsn); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		u.asRoot(t, "DROP USER "+u.name)
		_ = u.root.Close()
	})
	script, err := os.ReadFile("user.sql")
	if err != nil {
		t.Fatal(err)
	}
	script = regexp.MustCompile(`(?m)^--.*$`).ReplaceAll(script, nil)
	for statement := range strings.SplitSeq(string(script), ";") {
		if strings.TrimSpace(statement) != "" {
			u.asRoot(t, regexp.MustCompile(`\bim\b`).ReplaceAllString(statement, u.name))
		}
	}
	c.User, c.Passwd = u.name, u.name
	u.dsn = c.FormatDSN()
	return u
}

// asRoot runs one statement with all rights.
func (u *user) asRoot(t *testing.T, statement string) {
	t.Helper()
	if _, err := u.root.Exec(statement); err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
}

// rights returns the rights that the user has on the database.
func (u *user) rights(t *testing.T) []string {
	t.Helper()
	rows, err := u.root.Query("SELECT privilege_type FROM information_schema.schema_privileges WHERE table_schema = ?", u.name)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	var rights []string
	for rows.Next() {
		var right string
		if err := rows.Scan(&right); err != nil {
			t.Fatal(err)
		}
		rights = append(rights, right)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return rights
}

// useStore does, as the user, all that a store does in its life.
func (u *user) useStore(ctx context.Context, cfg store.Config) error {
	dialector, err := store.MySQL(u.dsn)
	if err != nil {
		return err
	}
	st, err := store.Open(ctx, dialector, cfg)
	if err != nil {
		return err
	}
	defer func() { _ = st.Close() }()
	for range 2 { // a key is inserted once and found once
		if err := st.Commit([]*store.Send{message("a:b", "x"), keyed("a:b", "k", "y")}, time.Now); err != nil {
			return err
		}
	}
	for _, reverse := range []bool{false, true} {
		page, err := st.Page(ctx, store.Query{Chat: "a:b", Limit: 1, Reverse: reverse})
		if err != nil {
			return err
		}
		if len(page.Messages) != 1 || !page.HasMore {
			return fmt.Errorf("page = %v; want one of more", page)
		}
	}
	inbox, err := st.Inbox(ctx, store.InboxQuery{Member: "b", Limit: 1})
	if err != nil {
		return err
	}
	if len(inbox.Last) != 1 || inbox.HasMore {
		return fmt.Errorf("inbox = %v; want one chat", inbox)
	}
	if _, err := st.Clock(ctx); err != nil {
		return err
	}
	return st.Probe(ctx)
}
