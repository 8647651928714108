package storetest

import (
	"errors"
	"fmt"
	"os"
	"sync"
	"testing"
)

// kinds are the servers that TEST_DATABASE may name. If it names one, tests leave
// SQLite out.
var kinds = map[string]struct {
	name  string // as tests show it
	start func(t testing.TB, dir string, args ...string) (*Server, error)
}{
	"":             {"MariaDB", StartMariaDB},
	"mariadb-11.8": {"MariaDB 11.8", StartMariaDB118},
	"mysql":        {"MySQL", StartMySQL},
}

// shared is the server of this test run.
var shared struct {
	sync.Once
	server *Server
	dir    string
	err    error
}

// Main runs the tests, and stops the server that they may have started. TestMain calls
// it, and ends the process with its result.
func Main(m *testing.M) int {
	code := m.Run()
	if shared.server != nil {
		shared.server.Stop()
	}
	if shared.dir != "" {
		_ = os.RemoveAll(shared.dir)
	}
	return code
}

// StartServer starts a server of the kind that TEST_DATABASE names, as [StartMariaDB]
// does, and ends it with the test. If this machine has none, it skips the test.
func StartServer(t testing.TB, args ...string) *Server {
	t.Helper()
	s, err := startChosen(t, t.TempDir(), args...)
	failOrSkip(t, err)
	t.Cleanup(s.Kill)
	return s
}

// sharedServer returns the DSN of the server that this test run shares.
func sharedServer(t testing.TB) (dsn string) {
	t.Helper()
	Needs(t, ServerName())
	if dsn := os.Getenv("TEST_MYSQL_DSN"); dsn != "" {
		return dsn
	}
	shared.Do(func() {
		if shared.dir, shared.err = os.MkdirTemp("", "im-database-"); shared.err == nil {
			shared.server, shared.err = startChosen(t, shared.dir)
		}
	})
	failOrSkip(t, shared.err)
	return shared.server.DSN("")
}

// ServerName names the server for tests.
func ServerName() string {
	if os.Getenv("TEST_MYSQL_DSN") != "" {
		return "TEST_MYSQL_DSN"
	}
	return kinds[os.Getenv("TEST_DATABASE")].name
}

func startChosen(t testing.TB, dir string, args ...string) (*Server, error) {
	t.Helper()
	choice := os.Getenv("TEST_DATABASE")
	kind, known := kinds[choice]
	if !known {
		return nil, fmt.Errorf("TEST_DATABASE=%s: want mysql or mariadb-11.8, or nothing for MariaDB 10.11", choice)
	}
	return kind.start(t, dir, args...)
}

// failOrSkip ends a test whose server has not started.
func failOrSkip(t testing.TB, err error) {
	t.Helper()
	if errors.Is(err, ErrNotHere) {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
}
