package storetest

import "testing"

// Needs skips a test under -short, in which nothing but Go may be needed. program names
// what the test is about to start, such as "etcd".
func Needs(t testing.TB, program string) {
	t.Helper()
	if testing.Short() {
		t.Skip("-short: needs " + program)
	}
}
