package client_test

import (
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"example.com/im/rpc-server/store/storetest"
	"example.com/im/test/stack/stacktest"
)

// module is the folder of the client's module.
const module = "../../idl/client"

// goTool runs a command of Go in the client's module alone, as a program that uses it does.
func goTool(t *testing.T, environment []string, args ...string) string {
	t.Helper()
	storetest.Needs(t, "go")
	cmd := exec.CommandContext(t.Context(), "go", args...)
	cmd.Dir, cmd.Env = module, append(append(os.Environ(), "GOWORK=off"), environment...)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("go %q: %v\n%s", args, err, out)
	}
	return string(out)
}

// Each example of the client does on the real system what it says.
func TestExamples(t *testing.T) {
	t.Parallel()
	out := goTool(t, []string{"IM_URL=" + stacktest.URL(t)}, "test", "-count=1", "-v", "-run=^Example", ".")
	if n := strings.Count(out, "--- PASS: Example"); n < 6 {
		t.Errorf("%d examples were run; want 6\n%s", n, out)
	}
}

// Who uses the client gets nothing of the servers with it, nor of their frameworks.
func TestClientStandsAlone(t *testing.T) {
	t.Parallel()
	const path = `{{with .Module}}{{.Path}}{{end}}`
	got := slices.Sorted(slices.Values(strings.Fields(goTool(t, nil, "list", "-deps", "-f", path, "."))))
	want := []string{"example.com/im/idl/client", "github.com/cenkalti/backoff/v5"}
	if got = slices.Compact(got); !slices.Equal(got, want) {
		t.Errorf("the client stands on %q; want %q", got, want)
	}
}
