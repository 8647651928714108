package rpctest

import (
	"testing"
	"time"
)

// patience is within what anything is done, however busy the machine is. What is
// not done at all must take longer in a test.
const patience = 15 * time.Second

// Within checks that something that began then has not been waited for.
func Within(t testing.TB, begin time.Time, what string) {
	t.Helper()
	if took := time.Since(begin); took > patience {
		t.Errorf("%s took %v; want at most %v", what, took, patience)
	}
}

// Eventually waits until done returns true.
func Eventually(t testing.TB, what string, done func() bool) {
	t.Helper()
	for deadline := time.Now().Add(patience); !done(); time.Sleep(2 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("still waiting until %s", what)
		}
	}
}
