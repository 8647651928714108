package store_test

import (
	"errors"
	"strings"
	"testing"

	"example.com/im/rpc-server/store"
	"example.com/im/rpc-server/store/storetest"
)

// A store refuses tables on which its promises would not hold, and says in one line
// what is wrong. It accepts what a later version has added.
func TestOpenChecksTables(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		alter string
		want  string // "": it opens
	}{
		"engine":          {"ALTER TABLE lanes ENGINE=MyISAM", "lanes: its engine is MyISAM; want InnoDB"},
		"collation":       {"ALTER TABLE members CONVERT TO CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci", "members: column member has the collation utf8mb4_general_ci; want utf8mb4_bin"},
		"type":            {"ALTER TABLE messages MODIFY text TINYTEXT NOT NULL", "messages: column text is tinytext; want text"},
		"width":           {"ALTER TABLE messages MODIFY sender VARCHAR(32) NOT NULL", "messages: column sender is varchar(32); want varchar(64)"},
		"sign":            {"ALTER TABLE lanes MODIFY last_send_time BIGINT UNSIGNED NOT NULL", "lanes: column last_send_time is bigint"},
		"NULL":            {"ALTER TABLE send_keys MODIFY digest BINARY(32) NULL", "send_keys: column digest takes NULL"},
		"missing column":  {"ALTER TABLE messages DROP COLUMN sender", "messages: column sender is missing"},
		"missing table":   {"DROP TABLE send_keys", "send_keys: it is missing, although a migration has made it"},
		"no key":          {"ALTER TABLE lanes DROP PRIMARY KEY", "lanes: its primary key is (); want (id)"},
		"another key":     {"ALTER TABLE messages DROP PRIMARY KEY, ADD PRIMARY KEY (send_time, chat)", "messages: its primary key is (send_time, chat); want (chat, send_time)"},
		"needed addition": {"ALTER TABLE messages ADD COLUMN more INT NOT NULL", "messages: column more has no default, and this program does not know it"},
		"later addition":  {"ALTER TABLE messages ADD COLUMN more INT NOT NULL DEFAULT 0, ADD COLUMN other TEXT, ADD INDEX (send_time)", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dsn := storetest.MySQL(t)
			execute(t, storetest.Open(t, storetest.Dialector(t, dsn)), tc.alter)
			st, err := store.Open(t.Context(), storetest.Dialector(t, dsn), storetest.Config())
			if tc.want == "" {
				if err != nil {
					t.Fatalf("Open = %v; want nil", err)
				}
				commit(t, st, message("a:b", "x"))
				_ = st.Close()
				return
			}
			if !errors.Is(err, store.ErrTables) || store.Unavailable(err) || !strings.Contains(err.Error(), tc.want) || strings.Contains(err.Error(), "\n") {
				t.Errorf("Open = %v; want ErrTables: %s", err, tc.want)
			}
		})
	}
}

// The store checks the embedded database's tables as well.
func TestOpenChecksEmbeddedTables(t *testing.T) {
	t.Parallel()
	path := t.TempDir() + "/im.db"
	st := storetest.Open(t, storetest.SQLiteFile(path))
	execute(t, st, "ALTER TABLE messages RENAME COLUMN sender TO author")
	_, err := store.Open(t.Context(), storetest.SQLiteFile(path), storetest.Config())
	if !errors.Is(err, store.ErrTables) || !strings.Contains(err.Error(), "messages: column sender is missing") {
		t.Errorf("Open = %v; want ErrTables: column sender is missing", err)
	}
}

// Tables name their engine, so that a server's default does not matter.
func TestTablesNameTheirEngine(t *testing.T) {
	t.Parallel()
	server, err := storetest.StartMariaDB(t, t.TempDir(), "--default-storage-engine=MyISAM")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Kill)
	st := storetest.Open(t, storetest.Dialector(t, server.Create(t, "im")))
	commit(t, st, keyed("a:b", "k", "x"))
	var others int
	if err := st.DB().QueryRow("SELECT COUNT(*) FROM information_schema.tables WHERE table_schema = 'im' AND engine <> 'InnoDB'").Scan(&others); err != nil || others != 0 {
		t.Errorf("%d tables of another engine, %v; want none", others, err)
	}
}
