package delivery

import (
	"testing"
	"time"
)

// A wait is in vain if something was there to get, for too long, and in calm times.
func TestCheckWake(t *testing.T) {
	for name, tc := range map[string]struct {
		cursor                        int64
		began, ended, trouble, within time.Duration
		want                          int
		counts                        bool // as a wake-up
	}{
		// Messages at 10 and 20 are acknowledged at 2 and 4.
		"woken in time":                     {cursor: 0, began: 1, ended: 5, within: 5, counts: true},
		"woken too late":                    {cursor: 0, began: 1, ended: 8, within: 5, want: 1, counts: true},
		"by the second message":             {cursor: 11, began: 1, ended: 8, within: 5, counts: true},
		"too late, and trouble before":      {cursor: 0, began: 1, ended: 8, trouble: 1, within: 5, want: 1, counts: true},
		"too late, with trouble":            {cursor: 0, began: 1, ended: 8, trouble: 3, within: 5, counts: true},
		"nothing to get":                    {cursor: 21, began: 1, ended: 100, within: 5},
		"there from the start, and at once": {cursor: 0, began: 5, ended: 6, within: 5},
		"there from the start, too late":    {cursor: 0, began: 5, ended: 11, within: 5, want: 1},
		"acknowledged after the end":        {cursor: 11, began: 1, ended: 3, within: 5},
	} {
		t.Run(name, func(t *testing.T) {
			h := chatOf(10, 20)
			h.checkWake(query{cursor: tc.cursor, wait: 100}, tc.began, tc.ended, tc.trouble, tc.within)
			if got := h.anomalies.counts()[LateWakeUp]; got != tc.want {
				t.Errorf("%d late wake-ups; want %d", got, tc.want)
			}
			if counts := len(h.wakes) == 1; counts != tc.counts {
				t.Errorf("wake-ups = %v; want one: %t", h.wakes, tc.counts)
			}
		})
	}
}
