package wait

import (
	"math/rand/v2"
	"testing"
)

// Intervals know the same as a list of all moments, as long as there are few gaps.
func TestIntervals(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(1, 2))
	for range 200 {
		var is intervals
		var known [40]bool // moments
		for range 30 {
			part := randomInterval(r, len(known))
			all := true
			for at := part.after + 1; at <= part.upto; at++ {
				all = all && known[at]
			}
			if got := is.has(part); got != all {
				t.Fatalf("%v has %v: %t; want %t", is, part, got, all)
			}
			for at := part.after + 1; at <= part.upto; at++ {
				known[at] = true
			}
			is = is.add(part)
			for i := 1; i < len(is); i++ {
				if is[i-1].upto >= is[i].after {
					t.Fatalf("%v are not apart", is)
				}
			}
		}
	}
}

func randomInterval(r *rand.Rand, end int) interval {
	after := r.IntN(end - 1)
	return interval{int64(after), int64(after + 1 + r.IntN(end-1-after))}
}

// Of many gaps the oldest are forgotten.
func TestIntervalsAreBounded(t *testing.T) {
	t.Parallel()
	var is intervals
	for i := range int64(1_000) {
		is = is.add(interval{2 * i, 2*i + 1})
	}
	if len(is) != maxIntervals || !is.has(interval{1_998, 1_999}) || is.has(interval{0, 1}) {
		t.Errorf("%d intervals: %v", len(is), is)
	}
}
