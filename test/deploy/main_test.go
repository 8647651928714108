// Package deploy checks what deploy has for Kubernetes and systemd, as far as it can be
// checked without a cluster and without a machine that systemd has started. Each check is
// a function that returns what is wrong, so that broken copies can show that it finds it.
package deploy

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"testing"

	"example.com/im/rpc-server/store/storetest"
	"example.com/im/test/process"
)

func TestMain(m *testing.M) {
	if os.Getenv(confinedProgram) != "" {
		runConfined()
	}
	code := storetest.Main(m)
	process.RemoveBinaries()
	os.Exit(code)
}

// folder returns the path of a folder of deploy.
func folder(t testing.TB, name string) string {
	t.Helper()
	dir, err := process.ModuleDir("test")
	if err != nil {
		t.Fatal(err)
	}
	return filepath.Join(dir, "..", "deploy", name)
}

// services are the programs that deploy runs.
var services = []string{"http-server", "rpc-server"}

// settings are the variables that each service takes.
type settings map[string]map[string]bool

// knownSettings asks the services for their variables.
func knownSettings(t testing.TB) settings {
	t.Helper()
	known := settings{}
	for _, service := range services {
		help, err := exec.Command(process.Binary(t, service), "--help").Output()
		if err != nil {
			t.Fatal(err)
		}
		known[service] = map[string]bool{}
		for _, match := range regexp.MustCompile(`\(\$([A-Z_]+)\)`).FindAllStringSubmatch(string(help), -1) {
			known[service][match[1]] = true
		}
	}
	return known
}
