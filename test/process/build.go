package process

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"sync"
	"testing"

	"example.com/im/rpc-server/store/storetest"
)

// binaries are the services' programs, built once in a test run.
type binaries struct {
	flags []string

	sync.Once
	dir string
	err error
}

var (
	checked = binaries{flags: buildFlags}
	shipped binaries
)

// Binary returns the path of a service's program, rpc-server or http-server,
// built with the race detector if the tests are.
func Binary(t testing.TB, name string) string {
	t.Helper()
	return checked.path(t, name)
}

// Shipped is [Binary] without the race detector, for tests of load: it takes ten
// times the CPU.
func Shipped(t testing.TB, name string) string {
	t.Helper()
	return shipped.path(t, name)
}

func (b *binaries) path(t testing.TB, name string) string {
	t.Helper()
	storetest.Needs(t, "the services' programs")
	b.Do(func() { b.dir, b.err = build(b.flags, "rpc-server", "http-server") })
	if b.err != nil {
		t.Fatal(b.err)
	}
	return filepath.Join(b.dir, name)
}

// RemoveBinaries removes what was built. TestMain calls it last.
func RemoveBinaries() {
	for _, b := range []*binaries{&checked, &shipped} {
		if b.dir != "" {
			_ = os.RemoveAll(b.dir)
		}
	}
}

// build builds modules of ours into a new directory. It does so without the
// workspace, as the images are built: in a workspace all modules share the
// highest version of each dependency.
func build(flags []string, modules ...string) (dir string, err error) {
	if dir, err = os.MkdirTemp("", "im-bin-"); err != nil {
		return "", err
	}
	for _, module := range modules {
		source, err := ModuleDir(module)
		if err != nil {
			return dir, err
		}
		args := slices.Concat([]string{"build"}, flags, []string{"-o", filepath.Join(dir, module), "."})
		cmd := exec.Command("go", args...)
		cmd.Dir = source
		cmd.Env = append(os.Environ(), "GOWORK=off", "CGO_ENABLED=1") // the race detector needs cgo
		if out, err := cmd.CombinedOutput(); err != nil {
			return dir, fmt.Errorf("build %s: %w\n%s", module, err, out)
		}
	}
	return dir, nil
}
