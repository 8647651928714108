// Package dex runs Dex, an identity server, for tests, with the configuration that
// deploy/identity has for a trial.
//
// Dex is built from its sources, in a module of its own: its dependencies stay out of ours.
package dex

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"example.com/im/rpc-server/store/storetest"
	"example.com/im/test/process"
)

const (
	// ClientID is the client of the configuration.
	ClientID = "chat"
	// Claim is the claim of its tokens that has a person's name.
	Claim = "preferred_username"
)

// The addresses and the life of tokens in the configuration.
const (
	issuer = "127.0.0.1:5556"
	page   = "http://localhost:8080"
	life   = "idTokens: 10m"
)

// startTimeout is for how long Dex may take until it serves, on a busy machine.
const startTimeout = time.Minute

// Build builds Dex and returns the path of its program. It skips the test if Dex's sources
// are not to be had.
func Build(t testing.TB) string {
	t.Helper()
	storetest.Needs(t, "Dex")
	dir := filepath.Join(process.Root(t), "test", "dex", "server")
	if out, err := run(dir, "mod", "download"); err != nil {
		t.Skipf("the sources of Dex are not to be had: %v\n%s", err, out)
	}
	program := filepath.Join(t.TempDir(), "dex")
	if out, err := run(dir, "build", "-o", program, "github.com/dexidp/dex/cmd/dex"); err != nil {
		t.Fatalf("build Dex: %v\n%s", err, out)
	}
	return program
}

// Start starts Dex for a page at origin, such as http://localhost:8080, with tokens that
// live so long, and returns the issuer's URL.
func Start(t testing.TB, program, origin string, tokens time.Duration) string {
	t.Helper()
	config, err := os.ReadFile(filepath.Join(process.Root(t), "deploy", "identity", "dex.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	addr := storetest.Reserve(t)
	changed := string(config)
	for from, to := range map[string]string{issuer: addr, page: origin, life: "idTokens: " + tokens.String()} {
		if !strings.Contains(changed, from) {
			t.Fatalf("the configuration of Dex has no %s", from)
		}
		changed = strings.ReplaceAll(changed, from, to)
	}
	file := filepath.Join(t.TempDir(), "dex.yaml")
	if err := os.WriteFile(file, []byte(changed), 0o600); err != nil {
		t.Fatal(err)
	}
	p := process.Start(t, "Dex", []string{program, "serve", file}, nil)
	t.Cleanup(p.Kill) // asked to stop, it ends with status 2
	url := "http://" + addr + "/dex"
	process.Await(t, startTimeout, "Dex serves", func() bool {
		return process.Status(url+"/.well-known/openid-configuration") == 200
	})
	return url
}

// run runs a command of Go in the module that names Dex's version.
func run(dir string, args ...string) ([]byte, error) {
	cmd := exec.Command("go", args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOWORK=off", "CGO_ENABLED=0", "GOFLAGS=-buildvcs=false")
	return cmd.CombinedOutput()
}
