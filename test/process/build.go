package process

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
)

// binaries are built once in a test run.
var binaries struct {
	sync.Once
	dir string
	err error
}

// Binary returns the path of a service's program, rpc-server or http-server,
// built with the race detector if the tests are.
func Binary(t testing.TB, name string) string {
	t.Helper()
	binaries.Do(func() { binaries.dir, binaries.err = build("rpc-server", "http-server") })
	if binaries.err != nil {
		t.Fatal(binaries.err)
	}
	return filepath.Join(binaries.dir, name)
}

// RemoveBinaries removes what Binary has built. TestMain calls it last.
func RemoveBinaries() {
	if binaries.dir != "" {
		_ = os.RemoveAll(binaries.dir)
	}
}

// build builds modules of ours into a new directory. It does so without the
// workspace, as the images are built: in a workspace all modules share the
// highest version of each dependency.
func build(modules ...string) (dir string, err error) {
	if dir, err = os.MkdirTemp("", "im-bin-"); err != nil {
		return "", err
	}
	for _, module := range modules {
		source, err := ModuleDir(module)
		if err != nil {
			return dir, err
		}
		cmd := exec.Command("go", slices.Concat([]string{"build", "-o", filepath.Join(dir, module)}, buildFlags, []string{"."})...)
		cmd.Dir = source
		cmd.Env = append(os.Environ(), "GOWORK=off", "CGO_ENABLED=1") // the race detector needs cgo
		if out, err := cmd.CombinedOutput(); err != nil {
			return dir, fmt.Errorf("build %s: %w\n%s", module, err, out)
		}
	}
	return dir, nil
}

// ModuleDir returns the directory of a module of ours.
func ModuleDir(module string) (string, error) {
	out, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "example.com/im/"+module).Output()
	if exit := (*exec.ExitError)(nil); errors.As(err, &exit) {
		return "", fmt.Errorf("go list: %w: %s", err, exit.Stderr)
	}
	if err != nil {
		return "", fmt.Errorf("go list: %w", err)
	}
	return strings.TrimSpace(string(out)), nil
}
