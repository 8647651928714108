package process

import (
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// Root returns the top of the repository.
func Root(t testing.TB) string {
	t.Helper()
	dir, err := ModuleDir("test")
	if err != nil {
		t.Fatal(err)
	}
	return filepath.Dir(dir)
}

// Variables returns the environment variables that a service takes, as its --help says.
func Variables(t testing.TB, service string) (names []string) {
	t.Helper()
	help, err := exec.Command(Binary(t, service), "--help").Output()
	if err != nil {
		t.Fatal(err)
	}
	for _, match := range regexp.MustCompile(`\(\$([A-Z_]+)\)`).FindAllStringSubmatch(string(help), -1) {
		names = append(names, match[1])
	}
	return names
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
