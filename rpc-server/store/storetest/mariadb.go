package storetest

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// StartMariaDB starts this machine's MariaDB, at an address reserved for the test;
// the rest is as with [NewMariaDB].
func StartMariaDB(t testing.TB, dir string, args ...string) (*Server, error) {
	t.Helper()
	Needs(t, "MariaDB")
	return started(NewMariaDB(dir, Reserve(t), args...))
}

// NewMariaDB makes a data directory in dir, and returns a server on it that is not
// started yet: this machine's MariaDB with durable settings, and with args as further
// options.
func NewMariaDB(dir, addr string, args ...string) (*Server, error) {
	install, installErr := find("mariadb-install-db")
	program, err := find("mariadbd")
	if err != nil || installErr != nil {
		return nil, fmt.Errorf("the tests need mariadbd and mariadb-install-db: apt-get install mariadb-server-core " +
			"mariadb-client-core, or name a server with TEST_MYSQL_DSN")
	}
	return newMariaDB("MariaDB", dir, addr, []string{install, "--no-defaults"}, []string{program, "--no-defaults"}, args)
}

// newMariaDB does what NewMariaDB says, with programs from anywhere.
func newMariaDB(name, dir, addr string, install, program, args []string) (*Server, error) {
	rights, err := writeRights(dir)
	if err != nil {
		return nil, err
	}
	data := filepath.Join(dir, "data")
	cmd := exec.Command(install[0], append(install[1:], "--datadir="+data, "--user="+user(),
		"--auth-root-authentication-method=normal", "--skip-test-db", "--extra-file="+rights)...)
	// At its start a server removes the temporary tables of others from a shared
	// directory.
	cmd.Env = append(os.Environ(), "TMPDIR="+dir)
	if out, err := cmd.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("mariadb-install-db: %w\n%s", err, out)
	}
	program = append(program, "--innodb-log-file-size=128M")
	return newServer(name, dir, addr, program, args)
}

// newServer returns a server on the data in dir with the settings that MySQL and
// MariaDB share.
func newServer(name, dir, addr string, program, args []string) (*Server, error) {
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		return nil, err
	}
	log := filepath.Join(dir, "error.log")
	command := append(program,
		"--user="+user(), "--datadir="+filepath.Join(dir, "data"), "--bind-address="+host, "--port="+port,
		"--tmpdir="+dir, "--socket="+filepath.Join(dir, "socket"), "--pid-file="+filepath.Join(dir, "pid"),
		"--log-error="+log, "--server-id=1", "--log-bin=binlog", "--sync-binlog=1",
		"--innodb-flush-log-at-trx-commit=1", "--max-connections=1000", "--innodb-buffer-pool-size=256M",
	)
	return NewServer(ServerConfig{Name: name, Addr: addr, Command: append(command, args...), Log: log, User: "root"}), nil
}

// writeRights writes the statements that let root come from any address: each node of a
// cluster has its own. A server that is being made knows of no rights until a statement
// tells it to read them.
func writeRights(dir string) (path string, err error) {
	path = filepath.Join(dir, "rights.sql")
	const rights = "FLUSH PRIVILEGES;\nCREATE USER root@'%';\nGRANT ALL ON *.* TO root@'%' WITH GRANT OPTION;\n"
	return path, os.WriteFile(path, []byte(rights), 0o644)
}

// started starts a server that could be made.
func started(s *Server, err error) (*Server, error) {
	if err != nil {
		return nil, err
	}
	return s, s.Start()
}

// find returns the path of a server program. It also searches where Debian puts it,
// outside the path of ordinary users.
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

// user is the user that the server runs as. Without this option it refuses to run as
// root.
func user() string {
	if os.Geteuid() == 0 {
		return "root"
	}
	return os.Getenv("USER")
}
