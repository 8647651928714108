package storetest

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// Where a server cannot be had, unpack goes on, tells why, and leaves the reason for
// the tests and for the end of the run.
func TestUnpackWithoutApt(t *testing.T) {
	Needs(t, "the programs of a shell")
	programs, servers := t.TempDir(), t.TempDir()
	for program := range strings.FieldsSeq("sh realpath mkdir mktemp mv rm cat head tail grep sed") {
		path, err := exec.LookPath(program)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.Symlink(path, filepath.Join(programs, program)); err != nil {
			t.Fatal(err)
		}
	}
	t.Setenv("PATH", programs)
	t.Setenv("IM_SERVERS", servers)
	there := filepath.Join(servers, "mysql")
	if err := os.Mkdir(there, 0o755); err != nil {
		t.Fatal(err)
	}
	const reason = "NOT TESTED: mariadb-11.8: no mirror of Debian in this machine's apt\n"
	for _, args := range [][]string{{}, {"--not-tested"}} {
		told, err := exec.Command("./unpack", args...).CombinedOutput()
		if err != nil || !strings.Contains(string(told), reason) || strings.Contains(string(told), "NOT TESTED: mysql") {
			t.Errorf("unpack %s = %v: %s; want %q, and nothing of MySQL, which is there", args, err, told, reason)
		}
	}
	if _, err := Unpacked("mariadb-11.8"); !errors.Is(err, ErrNotHere) || !strings.Contains(err.Error(), "no mirror") {
		t.Errorf("Unpacked = %v; want ErrNotHere with the reason", err)
	}
	left, err := os.ReadDir(servers)
	if err != nil || len(left) != 3 {
		t.Errorf("left in the folder: %v, %v; want MySQL and two reasons", left, err)
	}
}
