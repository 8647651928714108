package storetest

import (
	"path/filepath"
	"testing"
)

// StartMariaDB118 starts the unpacked MariaDB 11.8, at an address reserved for the
// test; the rest is as with [NewMariaDB118].
func StartMariaDB118(t testing.TB, dir string, args ...string) (*Server, error) {
	t.Helper()
	Needs(t, "MariaDB 11.8")
	return started(NewMariaDB118(dir, Reserve(t), args...))
}

// NewMariaDB118 is [NewMariaDB] for the unpacked MariaDB 11.8. The error is
// [ErrNotHere] where there is none.
func NewMariaDB118(dir, addr string, args ...string) (*Server, error) {
	unpacked, err := Unpacked("mariadb-11.8")
	if err != nil {
		return nil, err
	}
	base := filepath.Join(unpacked, "usr")
	install := []string{filepath.Join(base, "bin", "mariadb-install-db"), "--no-defaults", "--basedir=" + base}
	program := []string{filepath.Join(base, "sbin", "mariadbd"), "--no-defaults", "--basedir=" + base}
	return newMariaDB("MariaDB 11.8", dir, addr, install, program, args)
}
