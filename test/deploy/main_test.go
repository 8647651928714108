// Package deploy checks what deploy has for Kubernetes and systemd, as far as it can be
// checked without a cluster and without a machine that systemd has started. Each check is
// a function that returns what is wrong, so that broken copies can show that it finds it.
package deploy

import (
	"os"
	"path/filepath"
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
	return filepath.Join(process.Root(t), "deploy", name)
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
		known[service] = map[string]bool{}
		for _, name := range process.Variables(t, service) {
			known[service][name] = true
		}
	}
	return known
}
