package test

import (
	"crypto/rand"
	"fmt"
	"os"
	"strings"
	"testing"

	"example.com/im/rpc-server/store/storetest"
	"example.com/im/test/process"
	"example.com/im/test/stack/stacktest"
)

// urlVariable names a running system, by the addresses of its gateways. With it the
// tests of the contract run on that system, and all other tests are left out.
const urlVariable = "IM_URL"

// eachTarget runs the test on each kind of system.
func eachTarget(t *testing.T, test func(*testing.T, *client)) {
	t.Helper()
	if urls := os.Getenv(urlVariable); urls != "" {
		test(t, newClient(t, strings.Split(urls, ",")...))
		return
	}
	for name, start := range map[string]func(*testing.T) []string{
		"one process on SQLite": func(t *testing.T) []string { return []string{stacktest.URL(t)} },
		"processes on " + storetest.ServerName(): func(t *testing.T) []string {
			return process.StartSystem(t, storetest.MySQL(t), patientSettings...).URLs()
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, newClient(t, start(t)...))
		})
	}
}

// ownSystem leaves a test out that needs a system of its own where a running
// one is named.
func ownSystem(t *testing.T) {
	t.Helper()
	if os.Getenv(urlVariable) != "" {
		t.Skip(urlVariable + " is set: only the contract is tested, on the system that it names")
	}
}

// newChat returns the canonical name of a chat that no other test uses.
func newChat() string {
	id := strings.ToLower(rand.Text()[:12])
	return fmt.Sprintf("doe-%s:john-%s", id, id)
}
