package storetest

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"
)

// startTimeout is for how long a server may take until it answers, crash
// recovery included.
const startTimeout = 60 * time.Second

// MariaDB is a private server with durable settings, its own data directory and
// its own port on the loopback address.
type MariaDB struct {
	dir  string
	addr string
	args []string
	cmd  *exec.Cmd
	done chan struct{} // closed when the process has ended
}

// StartMariaDB makes a data directory in dir and starts a server on it, with
// further options as args, at an address reserved for the test. It ends with
// [MariaDB.Stop], [MariaDB.Kill], or with this process.
func StartMariaDB(t testing.TB, dir string, args ...string) (*MariaDB, error) {
	t.Helper()
	for _, program := range []string{"mariadb-install-db", "mariadbd"} {
		if _, err := find(program); err != nil {
			return nil, fmt.Errorf("the tests need a MariaDB server: apt-get install mariadb-server-core mariadb-client-core, "+
				"or name a server with TEST_MYSQL_DSN: %w", err)
		}
	}
	m := &MariaDB{dir: dir, addr: Reserve(t), args: args}
	install, err := find("mariadb-install-db")
	if err != nil {
		return nil, err
	}
	cmd := exec.Command(install, "--no-defaults", "--datadir="+m.data(), "--user="+user(),
		"--auth-root-authentication-method=normal", "--skip-test-db")
	// At its start a server removes the temporary tables of others from a shared
	// directory.
	cmd.Env = append(os.Environ(), "TMPDIR="+dir)
	if out, err := cmd.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("mariadb-install-db: %w\n%s", err, out)
	}
	return m, m.Start()
}

// Start starts the server, again on the same data and port after Stop or Kill,
// and waits until it answers.
func (m *MariaDB) Start() error {
	program, err := find("mariadbd")
	if err != nil {
		return err
	}
	_, port, err := net.SplitHostPort(m.addr)
	if err != nil {
		return err
	}
	args := append([]string{
		"--no-defaults", "--user=" + user(), "--datadir=" + m.data(),
		"--bind-address=127.0.0.1", "--port=" + port,
		"--tmpdir=" + m.dir, "--socket=" + filepath.Join(m.dir, "socket"), "--pid-file=" + filepath.Join(m.dir, "pid"),
		"--log-error=" + m.log(), "--server-id=1", "--log-bin=binlog", "--sync-binlog=1",
		"--innodb-flush-log-at-trx-commit=1", "--max-connections=1000",
		"--innodb-buffer-pool-size=256M", "--innodb-log-file-size=128M",
	}, m.args...)
	m.cmd = exec.Command(program, args...)
	m.done = make(chan struct{})
	if err := StartTied(m.cmd, m.done); err != nil {
		return err
	}
	return m.awaitAnswer()
}

// DSN names a database of the server.
func (m *MariaDB) DSN(database string) string {
	return fmt.Sprintf("root@tcp(%s)/%s", m.Addr(), database)
}

// Create makes a database on the server and returns its DSN.
func (m *MariaDB) Create(t testing.TB, database string) (dsn string) {
	t.Helper()
	run(t, m.DSN(""), "CREATE DATABASE "+database)
	return m.DSN(database)
}

// Addr returns the server's address.
func (m *MariaDB) Addr() string { return m.addr }

// PID returns the id of the server's process.
func (m *MariaDB) PID() int { return m.cmd.Process.Pid }

// Stop shuts the server down.
func (m *MariaDB) Stop() { m.end(syscall.SIGTERM) }

// Kill ends the server as a crash would.
func (m *MariaDB) Kill() { m.end(syscall.SIGKILL) }

// Freeze makes the server stand still, with its connections open.
func (m *MariaDB) Freeze() { _ = m.cmd.Process.Signal(syscall.SIGSTOP) }

// Thaw makes a frozen server go on.
func (m *MariaDB) Thaw() { _ = m.cmd.Process.Signal(syscall.SIGCONT) }

func (m *MariaDB) end(signal os.Signal) {
	_ = m.cmd.Process.Signal(signal)
	<-m.done
}

func (m *MariaDB) data() string { return filepath.Join(m.dir, "data") }

func (m *MariaDB) log() string { return filepath.Join(m.dir, "error.log") }

// awaitAnswer waits until the server answers or has ended.
func (m *MariaDB) awaitAnswer() error {
	ctx, cancel := context.WithTimeout(context.Background(), startTimeout)
	defer cancel()
	pool, err := connect(m.DSN(""))
	if err != nil {
		return err
	}
	defer func() { _ = pool.Close() }()
	poll := time.NewTicker(50 * time.Millisecond)
	defer poll.Stop()
	for {
		err := pool.PingContext(ctx)
		if err == nil {
			return nil
		}
		select {
		case <-poll.C:
		case <-m.done:
			log, _ := os.ReadFile(m.log())
			return fmt.Errorf("mariadbd has ended:\n%s", log)
		case <-ctx.Done():
			return fmt.Errorf("mariadbd does not answer: %w", err)
		}
	}
}

// find looks a server program up, also where Debian puts it, out of the path of
// ordinary users.
func find(program string) (string, error) {
	path, err := exec.LookPath(program)
	if err == nil {
		return path, nil
	}
	if path, sbinErr := exec.LookPath(filepath.Join("/usr/sbin", program)); sbinErr == nil {
		return path, nil
	}
	return "", err
}

// user is the user that the server runs as. Without the option it refuses to
// run as root.
func user() string {
	if os.Geteuid() == 0 {
		return "root"
	}
	return os.Getenv("USER")
}
