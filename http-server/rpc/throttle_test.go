package rpc

import "testing"

// Refusals are repeated while they are rare, no longer when they are common, and
// again when calls are served.
func TestThrottle(t *testing.T) {
	t.Parallel()
	var r throttle
	for range 1000 { // one in eleven
		for range servedPerRefusal {
			r.served()
		}
		if !r.refused() {
			t.Fatal("a rare refusal is not repeated")
		}
	}
	repeated := 0
	for range 10 * maxRefusals {
		if r.refused() {
			repeated++
		}
	}
	if repeated > maxRefusals {
		t.Errorf("%d refusals in a row are repeated", repeated)
	}
	for range 1000 { // one in three
		r.served()
		r.served()
		if r.refused() {
			t.Fatal("a common refusal is repeated")
		}
	}
	for range fullAccount {
		r.served()
	}
	if !r.refused() {
		t.Error("after an overload refusals are not repeated")
	}
}
