package rpctest

import (
	"testing"
	"time"
)

// patience is the time in which anything is done, however busy the machine is. A delay
// that a test rules out must be longer.
const patience = 15 * time.Second

// Within checks that no longer than patience has passed since begin.
func Within(t testing.TB, begin time.Time, what string) {
	t.Helper()
	if took := time.Since(begin); took > patience {
		t.Errorf("%s took %v; want at most %v", what, took, patience)
	}
}

// Eventually waits until done returns true. It fails the test when patience is over.
func Eventually(t testing.TB, what string, done func() bool) {
	t.Helper()
	for deadline := time.Now().Add(patience); !done(); time.Sleep(2 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("still waiting until %s", what)
		}
	}
}
