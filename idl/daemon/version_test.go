package daemon_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/alecthomas/kong"

	"example.com/im/idl/daemon"
)

// Any program says its version in one line, and exits with status 0.
func TestVersion(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	status := -1
	err := daemon.Run(t.Context(), "test", "", &program{}, []string{"--version"},
		kong.Writers(&out, &out), kong.Exit(func(code int) { status = code }))
	if err != nil || status != 0 {
		t.Errorf("Run = %v with status %d", err, status)
	}
	if line := regexp.MustCompile(`^test (\S+ )*go1\.\S+\n$`); !line.MatchString(out.String()) {
		t.Errorf("version = %q", out.String())
	}
}
