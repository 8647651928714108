package storetest

import (
	"testing"
	"time"

	"example.com/im/rpc-server/store"
)

// awaitTimeout is for how long Await waits, on a machine that is busy with other
// tests.
const awaitTimeout = 10 * time.Second

// Await polls until the condition holds, and fails the test if it never does.
func Await(t testing.TB, condition func() bool) {
	t.Helper()
	for deadline := time.Now().Add(awaitTimeout); !condition(); {
		if time.Now().After(deadline) {
			t.Fatal("the condition never held")
		}
		time.Sleep(time.Millisecond)
	}
}

// Hold keeps every commit from getting its lanes until release is called.
func Hold(t testing.TB, st *store.Store) (release func()) {
	t.Helper()
	tx, err := st.DB().Begin()
	if err != nil {
		t.Fatal(err)
	}
	// On MySQL the silent transaction would be ended after 5 s; SQLite has no such
	// variable, and needs none.
	_, _ = tx.Exec("SET wait_timeout = 60")
	if _, err := tx.Exec("UPDATE lanes SET last_send_time = last_send_time"); err != nil {
		t.Fatal(err)
	}
	return func() {
		if err := tx.Rollback(); err != nil {
			t.Error(err)
		}
	}
}
