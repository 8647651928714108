// Package rename gives a copy of the repository another module path.
package rename

import (
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"example.com/im/rpc-server/store/storetest"
	"example.com/im/test/process"
)

// path is the one that the copy gets.
const path = "git.example.org/team/chat"

// After one command the modules have a path of their owner's: the programs build, and
// nothing names the path before.
func TestRename(t *testing.T) {
	storetest.Needs(t, "make and a minute")
	dir := copied(t)
	before := strings.TrimSuffix(moduleOf(t, dir, "idl"), "/idl")
	for _, wrong := range []string{"", "not a path", "/x"} {
		if out, err := run(dir, "make", "rename", "MODULE="+wrong); err == nil {
			t.Errorf("MODULE=%q is taken:\n%s", wrong, out)
		}
	}
	if got := moduleOf(t, dir, "idl"); got != before+"/idl" {
		t.Errorf("after paths that are none: %s", got)
	}

	must(t, dir, "make", "rename", "MODULE="+path)
	for _, module := range []string{"idl", "idl/client", "rpc-server", "http-server", "test"} {
		if got := moduleOf(t, dir, module); got != path+"/"+module {
			t.Errorf("%s is %s", module, got)
		}
	}
	for _, written := range []string{before, regexp.QuoteMeta(before)} {
		for _, file := range filesWith(t, dir, written) {
			t.Errorf("%s still names %s", file, written)
		}
	}
	must(t, dir, "go", "build", "./idl/client/...", "./rpc-server", "./http-server", "./test/cmd/...")
	if out := must(t, dir, "gofmt", "-l", "idl", "rpc-server", "http-server", "test"); out != "" {
		t.Errorf("not formatted:\n%s", out)
	}
}

// copied returns a copy of the repository's files.
func copied(t *testing.T) string {
	t.Helper()
	root, dir := process.Root(t), t.TempDir()
	out, err := exec.Command("git", "-C", root, "-c", "safe.directory=*", "ls-files", "-z", "--cached", "--others", "--exclude-standard").Output()
	if err != nil {
		t.Skip("only a clone tells its files: ", err)
	}
	for name := range strings.SplitSeq(strings.TrimSuffix(string(out), "\x00"), "\x00") {
		content, err := os.ReadFile(filepath.Join(root, name))
		if os.IsNotExist(err) { // it is deleted, and not committed so
			continue
		}
		if err == nil {
			err = os.MkdirAll(filepath.Join(dir, filepath.Dir(name)), 0o755)
		}
		if err == nil {
			err = os.WriteFile(filepath.Join(dir, name), content, 0o755)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// moduleOf returns the path of the module in a folder.
func moduleOf(t *testing.T, dir, module string) string {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(dir, module, "go.mod"))
	if err != nil {
		t.Fatal(err)
	}
	line, _, _ := strings.Cut(string(content), "\n")
	return strings.TrimPrefix(line, "module ")
}

// filesWith returns the files that have a text.
func filesWith(t *testing.T, dir, text string) (files []string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		content, err := os.ReadFile(name)
		if strings.Contains(string(content), text) {
			files = append(files, name)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// run runs a command in a folder.
func run(dir string, command ...string) (output string, err error) {
	cmd := exec.Command(command[0], command[1:]...)
	cmd.Dir = dir
	out, err := cmd.CombinedOutput()
	return string(out), err
}

// must runs a command that has to succeed.
func must(t *testing.T, dir string, command ...string) string {
	t.Helper()
	out, err := run(dir, command...)
	if err != nil {
		t.Fatalf("%s: %v\n%s", strings.Join(command, " "), err, out)
	}
	return out
}
