package share

import (
	"sync"
	"testing"
)

// step is a try to take, or with a negative number to give.
type step struct {
	holder string
	n      int64
	want   Bound
}

func TestBounds(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		each, all int64
		steps     []step
	}{
		"each":                           {10, 0, []step{{"a", 10, Within}, {"a", 1, OfEach}, {"b", 10, Within}, {"b", 1, OfEach}, {"a", -3, Within}, {"a", 3, Within}}},
		"all":                            {10, 15, []step{{"a", 10, Within}, {"b", 6, OfAll}, {"b", 5, Within}, {"c", 1, OfAll}, {"a", -1, Within}, {"c", 1, Within}}},
		"none":                           {0, 0, []step{{"a", 1 << 40, Within}, {"b", 1 << 40, Within}}},
		"a try that fails takes nothing": {10, 15, []step{{"a", 11, OfEach}, {"a", 10, Within}, {"b", 10, OfAll}, {"b", 5, Within}}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := New[string](tc.each, tc.all)
			for i, step := range tc.steps {
				if step.n < 0 {
					s.Give(step.holder, -step.n)
				} else if got := s.Take(step.holder, step.n); got != step.want {
					t.Errorf("step %d: %v; want %v", i, got, step.want)
				}
			}
		})
	}
}

// Holders at the same time never hold more than the bounds, and in the end nothing is
// kept of them.
func TestHoldersAtTheSameTime(t *testing.T) {
	t.Parallel()
	const each, all = 3, 5
	s := New[int](each, all)
	var wg sync.WaitGroup
	for holder := range 16 {
		wg.Go(func() {
			for range 1000 {
				if s.Take(holder%4, 2) == Within {
					if total := s.Total(); total > all {
						t.Errorf("%d are held; want at most %d", total, all)
					}
					s.Give(holder%4, 2)
				}
			}
		})
	}
	wg.Wait()
	if s.Total() != 0 || len(s.held) != 0 {
		t.Errorf("%d are held, and %d holders known; want none", s.Total(), len(s.held))
	}
}
