package admission

import (
	"context"
	"testing"
	"time"
)

func TestAdmits(t *testing.T) {
	t.Parallel()
	const places = 10
	for name, tc := range map[string]struct {
		took     time.Duration // by the latest round
		idle     bool          // no round is under way
		underWay time.Duration // since the present one has begun
		left     time.Duration // until the caller's deadline; 0: it has none
		waiting  int
		want     bool
	}{
		"no round is under way":            {took: time.Hour, idle: true, left: time.Second, waiting: 9, want: true},
		"a full round is about to begin":   {took: time.Second, idle: true, left: 11 * time.Second, waiting: 10, want: false},
		"nobody waits":                     {took: time.Second, left: 3 * time.Second, waiting: 0, want: true},
		"less than a round waits":          {took: time.Second, left: 3 * time.Second, waiting: 9, want: true},
		"rounds are too slow":              {took: 2 * time.Second, left: 3 * time.Second, waiting: 0, want: false},
		"the slow round will soon end":     {took: 2 * time.Second, underWay: 1500 * time.Millisecond, left: 3 * time.Second, waiting: 9, want: true},
		"a round that does not end":        {took: time.Second, underWay: 4 * time.Second, left: 3 * time.Second, waiting: 0, want: false},
		"a full round waits":               {took: time.Second, left: 13 * time.Second, waiting: 10, want: true},
		"a full round waits, less time":    {took: time.Second, left: 11 * time.Second, waiting: 10, want: false},
		"almost two rounds":                {took: time.Second, left: 13 * time.Second, waiting: 19, want: true},
		"two rounds":                       {took: time.Second, left: 13 * time.Second, waiting: 20, want: false},
		"two rounds, more time":            {took: time.Second, left: 17 * time.Second, waiting: 20, want: true},
		"many quick rounds":                {took: time.Millisecond, left: 5 * time.Second, waiting: 8000, want: true},
		"a round that takes longer":        {took: time.Second, underWay: 4 * time.Second, left: 30 * time.Second, waiting: 10, want: false},
		"the first round":                  {underWay: 3 * time.Second, left: 20 * time.Second, waiting: 10, want: false},
		"no deadline":                      {took: time.Hour, underWay: time.Hour, waiting: 8000, want: true},
		"a deadline that has passed":       {took: time.Millisecond, left: -time.Second, waiting: 0, want: false},
		"a deadline that has passed, idle": {took: time.Millisecond, idle: true, left: -time.Second, waiting: 0, want: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var clock time.Duration
			g := New(places)
			g.now = func() time.Duration { return clock }
			end := g.Round()
			clock += tc.took
			end()
			if !tc.idle {
				g.Round()
			}
			clock += tc.underWay
			ctx := t.Context()
			if tc.left != 0 {
				var cancel context.CancelFunc
				ctx, cancel = context.WithDeadline(ctx, time.Now().Add(tc.left))
				defer cancel()
			}
			if got := g.Admits(ctx, tc.waiting); got != tc.want {
				t.Errorf("Admits = %v; want %v", got, tc.want)
			}
		})
	}
}

// Each of several overlapping rounds has its own length.
func TestRoundsOverlap(t *testing.T) {
	t.Parallel()
	var clock time.Duration
	g := New(1)
	g.now = func() time.Duration { return clock }
	ctx, cancel := context.WithDeadline(t.Context(), time.Now().Add(time.Minute))
	defer cancel()
	endLong := g.Round()
	clock += 30 * time.Second
	endShort := g.Round()
	clock += time.Second
	endShort()
	if !g.Admits(ctx, 1) {
		t.Error("refused after a short round")
	}
	endLong()
	if g.Admits(ctx, 1) {
		t.Error("admitted after a long round")
	}
}
