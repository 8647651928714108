package rpc

import "testing"

// Refusals are repeated while they are rare, no longer when they are common, and
// again when calls are served.
func TestThrottle(t *testing.T) {
	t.Parallel()
	var account throttle
	for range 1000 { // one in eleven
		for range servedPerRefusal {
			account.served()
		}
		if !account.refused() {
			t.Fatal("a rare refusal is not repeated")
		}
	}
	repeated := 0
	for range 10 * maxRefusals {
		if account.refused() {
			repeated++
		}
	}
	if repeated > maxRefusals {
		t.Errorf("%d refusals in a row are repeated", repeated)
	}
	for range 1000 { // one in three
		account.served()
		account.served()
		if account.refused() {
			t.Fatal("a common refusal is repeated")
		}
	}
	for range fullAccount {
		account.served()
	}
	if !account.refused() {
		t.Error("after an overload refusals are not repeated")
	}
}
