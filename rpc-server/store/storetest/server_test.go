package storetest

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Each server is as durable as the promises need, and comes back with its data after
// a crash.
func TestServers(t *testing.T) {
	t.Parallel()
	for name, start := range map[string]func(testing.TB, string, ...string) (*Server, error){
		"10.11": StartMariaDB, "11.8": StartMariaDB118, "9.7": StartMySQL,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, err := start(t, t.TempDir())
			if errors.Is(err, ErrNotHere) {
				t.Skip(err)
			}
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { s.Kill() })
			s.Create(t, "im")
			s.Kill()
			if err := s.Start(); err != nil {
				t.Fatal(err)
			}
			run(t, s.DSN("im"), "CREATE TABLE there (id INT)")
			for query, want := range map[string]string{
				"SELECT @@innodb_flush_log_at_trx_commit": "1", "SELECT @@sync_binlog": "1", "SELECT @@log_bin": "1",
				"SELECT SUBSTRING_INDEX(VERSION(), '.', 2)": name,
			} {
				if got := value(t, s, query); got != want {
					t.Errorf("%s = %s; want %s", query, got, want)
				}
			}
		})
	}
}

// value returns the one value that a query finds.
func value(t *testing.T, s *Server, query string) (found string) {
	t.Helper()
	pool, err := Connect(s.DSN(""))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = pool.Close() }()
	if err := pool.QueryRow(query).Scan(&found); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return found
}

// A server that ends at its start says why.
func TestServerThatCannotStart(t *testing.T) {
	t.Parallel()
	_, err := StartMariaDB(t, t.TempDir(), "--no-such-option")
	if err == nil || !strings.Contains(err.Error(), "no-such-option") {
		t.Errorf("StartMariaDB = %v; want the reason in the server's log", err)
	}
}

// A server that could not be had is told of with the reason.
func TestUnpackedTellsWhatIsMissing(t *testing.T) {
	servers := t.TempDir()
	t.Setenv("IM_SERVERS", servers)
	if _, err := Unpacked("mysql"); !errors.Is(err, ErrNotHere) || !strings.Contains(err.Error(), "make deps") {
		t.Errorf("Unpacked = %v; want ErrNotHere, and what to do", err)
	}
	if err := os.WriteFile(filepath.Join(servers, "mysql.missing"), []byte("404 Not Found\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := NewMySQL(t.TempDir(), "127.0.0.1:0"); !errors.Is(err, ErrNotHere) || !strings.HasSuffix(err.Error(), ": 404 Not Found") {
		t.Errorf("NewMySQL = %v; want ErrNotHere with its reason", err)
	}
}
