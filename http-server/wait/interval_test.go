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
		var ss intervals
		var known [40]bool // moments
		for range 30 {
			s := randomInterval(r, len(known))
			all := true
			for at := s.after + 1; at <= s.upto; at++ {
				all = all && known[at]
			}
			if got := ss.has(s); got != all {
				t.Fatalf("%v has %v: %t; want %t", ss, s, got, all)
			}
			for at := s.after + 1; at <= s.upto; at++ {
				known[at] = true
			}
			ss = ss.add(s)
			for i := 1; i < len(ss); i++ {
				if ss[i-1].upto >= ss[i].after {
					t.Fatalf("%v are not apart", ss)
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
	var ss intervals
	for i := range int64(1_000) {
		ss = ss.add(interval{2 * i, 2*i + 1})
	}
	if len(ss) != maxIntervals || !ss.has(interval{1_998, 1_999}) || ss.has(interval{0, 1}) {
		t.Errorf("%d intervals: %v", len(ss), ss)
	}
}
