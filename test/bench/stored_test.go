package bench

import (
	"context"
	"fmt"
	"net/http"
	"sync"
	"time"

	"example.com/im/test/bench/load"
	"example.com/im/test/bench/report"
)

// tally is what became of all sends to ours.
type tally struct {
	mu           sync.Mutex
	acknowledged int
	unknown      int // they may be stored
}

func (t *tally) add(r *load.Result) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for outcome, count := range r.Outcomes {
		switch {
		case outcome == http.StatusOK:
			t.acknowledged += count
		case outcome == load.NoAnswer, outcome >= http.StatusInternalServerError && outcome != http.StatusServiceUnavailable:
			t.unknown += count
		}
	}
}

// counted returns the contender. At the end of the run its acknowledged sends have to
// be in the product's table.
func (w *world) counted(c contender) contender {
	run := c.run
	c.run = func(ctx context.Context, d time.Duration) *load.Result {
		r := run(ctx, d)
		w.tally.add(r)
		return r
	}
	return c
}

// checkStored checks that what was acknowledged is stored, and nothing more.
func (w *world) checkStored() {
	w.Helper()
	if w.systems["ours"] == nil {
		return
	}
	var stored int
	if err := w.sql("ours").QueryRow("SELECT COUNT(*) FROM messages WHERE chat LIKE 'a____:b'").Scan(&stored); err != nil {
		w.Fatal(err)
	}
	stored -= w.scale.chats * w.scale.fill
	acknowledged, unknown := w.tally.acknowledged, w.tally.unknown
	w.report.Checks = append(w.report.Checks, report.Check{
		What: "What the load generator sent to ours and was acknowledged is in the table, once",
		OK:   acknowledged <= stored && stored <= acknowledged+unknown,
		Text: fmt.Sprintf("%d acknowledged, %d with an outcome that is not known, %d stored", acknowledged, unknown, stored),
	})
}
