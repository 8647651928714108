package store_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	driver "github.com/go-sql-driver/mysql"

	"example.com/im/rpc-server/store"
	"example.com/im/rpc-server/store/storetest"
)

// A commit for which SQLite's disk has no space stores nothing: not now, and not after
// a crash, when SQLite reads the log again. Each commit meets the end of the disk at
// another point.
func TestSQLiteDiskFull(t *testing.T) {
	t.Parallel()
	disk := storetest.SmallDisk(t, 4)
	path := disk.Path("im.db")
	st, err := store.Open(t.Context(), storetest.SQLiteFile(path), storetest.Config())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = st.Close() })
	commit(t, st, message("a:b", "before"))
	stored, refused, text := 1, 0, strings.Repeat("x", 9000)
	for pages := range int64(12) {
		disk.Fill(t, pages*4096)
		batch := []*store.Send{message("a:b", text), message("a:c", text), message("a:d", text), message("a:b", text)}
		refused++
		switch err := st.Commit(batch, time.Now); {
		case err == nil:
			stored += len(batch)
			refused--
		case !errors.Is(err, store.ErrUnavailable) || errors.Is(err, store.ErrUnknown) || !errors.Is(err, store.ErrDiskFull):
			t.Errorf("Commit = %v; want ErrUnavailable and ErrDiskFull", err)
		}
		if got := rows(t, st); got != stored {
			t.Errorf("with %d pages free: %d messages; want %d", pages, got, stored)
		}
		if got := rows(t, afterCrash(t, path)); got != stored {
			t.Errorf("with %d pages free, after a crash: %d messages; want %d", pages, got, stored)
		}
		disk.Empty(t)
	}
	commit(t, st, message("a:b", "after"))
	if got := rows(t, st); got != stored+1 {
		t.Errorf("with space again: %d messages; want %d", got, stored+1)
	}
	if refused < 6 {
		t.Errorf("only %d batches were refused: the disk was not full", refused)
	}
}

// afterCrash returns a store on what a crash would leave of a database file.
func afterCrash(t *testing.T, path string) *store.Store {
	t.Helper()
	left := filepath.Join(t.TempDir(), "im.db")
	for _, part := range []string{"", "-wal"} {
		content, err := os.ReadFile(path + part)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(left+part, content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return storetest.Open(t, storetest.SQLiteFile(left))
}

func rows(t *testing.T, st *store.Store) (n int) {
	t.Helper()
	if err := st.DB().QueryRow("SELECT COUNT(*) FROM messages").Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

// Servers name a full disk by several codes, and by the text of others.
func TestDiskFullByName(t *testing.T) {
	t.Parallel()
	for message, tc := range map[string]struct {
		code uint16
		full bool
	}{
		"Disk full (/tmp/#sql1); waiting for someone to free some space... (errno: 28 \"No space left on device\")": {1021, true},
		"The table 'messages' is full":                                            {1114, true}, // MariaDB 10.11 and MySQL 9.7 on a full disk
		"Error writing file '/tmp/ML' (Errcode: 28 \"No space left on device\")":  {1026, true},
		"Error writing file '/tmp/ML' (OS errno 28 - No space left on device)":    {3, true},
		"Got error 28 \"No space left on device\" from storage engine":            {1030, true},
		`message:"propose failed" disk_full:<store_id:1 reason:"disk is full" > `: {1105, true}, // TiDB, from its source
		"Error writing file '/tmp/ML' (Errcode: 5 \"Input/output error\")":        {1026, false},
		"Unknown error": {1105, false},
	} {
		err := &driver.MySQLError{Number: tc.code, Message: message}
		if got := errors.Is(store.Classify(err), store.ErrDiskFull); got != tc.full {
			t.Errorf("%v: ErrDiskFull = %v; want %v", err, got, tc.full)
		}
		if got := store.Classify(err); tc.full && !errors.Is(got, store.ErrUnavailable) {
			t.Errorf("%v is classified %v; want ErrUnavailable", err, got)
		}
		// Nobody knows what a server has done of a COMMIT.
		commit := store.ClassifyCommit(err)
		if !errors.Is(commit, store.ErrUnknown) || errors.Is(commit, store.ErrUnavailable) || errors.Is(commit, store.ErrDiskFull) != tc.full {
			t.Errorf("%v at COMMIT is classified %v", err, commit)
		}
	}
}
