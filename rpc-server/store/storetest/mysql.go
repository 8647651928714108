package storetest

import (
	"fmt"
	"os/exec"
	"path/filepath"
	"testing"
)

// StartMySQL starts the unpacked MySQL, at an address reserved for the test; the
// rest is as with [NewMySQL].
func StartMySQL(t testing.TB, dir string, args ...string) (*Server, error) {
	t.Helper()
	Needs(t, "MySQL")
	return started(NewMySQL(dir, Reserve(t), args...))
}

// NewMySQL makes a data directory in dir and returns a server on it that is not
// started yet: the unpacked MySQL with durable settings, and with further options
// as args. The error is [ErrNotHere] where there is none.
func NewMySQL(dir, addr string, args ...string) (*Server, error) {
	unpacked, err := Unpacked("mysql")
	if err != nil {
		return nil, err
	}
	rights, err := writeRights(dir)
	if err != nil {
		return nil, err
	}
	base := filepath.Join(unpacked, "usr")
	program := []string{filepath.Join(base, "sbin", "mysqld"), "--no-defaults", "--basedir=" + base, "--secure-file-priv=NULL"}
	initialize := append(program[1:len(program):len(program)], "--initialize-insecure", "--user="+user(),
		"--datadir="+filepath.Join(dir, "data"), "--tmpdir="+dir, "--init-file="+rights)
	if out, err := exec.Command(program[0], initialize...).CombinedOutput(); err != nil {
		return nil, fmt.Errorf("mysqld --initialize-insecure: %w\n%s", err, out)
	}
	program = append(program, "--mysqlx=OFF", "--innodb-redo-log-capacity=256M")
	return newServer("MySQL", dir, addr, program, args)
}
