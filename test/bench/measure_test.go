package bench

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"strconv"
	"time"

	"example.com/im/test/bench/load"
	"example.com/im/test/bench/report"
	"example.com/im/test/bench/usage"
)

// A contender is a subject with a load to put on it.
type contender struct {
	load      string // its name in the report
	subject   string
	processes usage.Processes
	offered   float64 // a second; 0: a closed loop
	run       func(ctx context.Context, d time.Duration) *load.Result
}

// closed returns a system under a closed loop.
func (w *world) closed(subject string, connections int, request load.Request) contender {
	w.Helper()
	s := w.system(subject)
	pool := w.dial(s, connections)
	name := fmt.Sprintf("%d connections", connections)
	return contender{load: name, subject: subject, processes: s.processes, run: func(ctx context.Context, d time.Duration) *load.Result {
		return pool.Closed(ctx, request, d)
	}}
}

// opened returns a system under an open loop.
func (w *world) opened(subject string, rate float64, request load.Request) contender {
	w.Helper()
	s := w.system(subject)
	pool := w.dial(s, w.scale.openConns)
	name := fmt.Sprintf("open loop, %s/s", report.Number(rate))
	return contender{load: name, subject: subject, processes: s.processes, offered: rate, run: func(ctx context.Context, d time.Duration) *load.Result {
		return pool.Open(ctx, request, rate, d)
	}}
}

// dial opens connections for the length of the scenario.
func (w *world) dial(s *system, connections int) *load.Pool {
	w.Helper()
	pool, err := load.Dial(w.ctx, s.url, connections)
	if err != nil {
		w.Fatal(err)
	}
	w.Cleanup(pool.Close)
	return pool
}

// counted returns the contender, whose acknowledged sends are to be found in the
// product's table at the end of the run.
func (w *world) counted(c contender) contender {
	run := c.run
	c.run = func(ctx context.Context, d time.Duration) *load.Result {
		r := run(ctx, d)
		w.tally.add(r)
		return r
	}
	return c
}

// compare puts the loads on the contenders by turns, and adds their trials to s.
func (w *world) compare(s *report.Section, contenders ...contender) {
	w.Helper()
	for trial := range w.scale.trials {
		for _, c := range contenders {
			_ = c.run(w.ctx, w.scale.warm)
			result := w.trial(c)
			if w.ctx.Err() != nil {
				w.Fatal("interrupted")
			}
			row := s.Row(c.load, c.subject)
			row.Trials = append(row.Trials, result)
			w.Logf("%s, %s, trial %d: %s/s, %s ms, 99 %% within %s ms, %d not 200", c.load, c.subject, trial+1,
				report.Number(result.Rate), report.Number(result.P50), report.Number(result.P99), result.Failures())
		}
	}
}

// trial puts the load on a contender once.
func (w *world) trial(c contender) report.Trial {
	before := c.processes.CPU()
	r := c.run(w.ctx, w.scale.length)
	after := c.processes.CPU()
	t := report.Trial{
		Offered: c.offered, Rate: r.Rate(),
		P50: ms(r.Percentile(50)), P99: ms(r.Percentile(99)), P999: ms(r.Percentile(99.9)), Longest: ms(r.Percentile(100)),
		CPU: make(map[string]float64), Outcomes: make(map[string]int), Example: r.Example,
	}
	answered := max(r.Answered(), 1)
	t.Bytes = float64(r.Bytes) / float64(answered)
	for name := range maps.Keys(c.processes) {
		t.CPU[name] = float64((after[name] - before[name]).Microseconds()) / float64(answered)
	}
	for outcome, count := range r.Outcomes {
		t.Outcomes[outcomeName(outcome)] = count
	}
	return t
}

func outcomeName(outcome int) string {
	switch outcome {
	case load.NoAnswer:
		return "no answer"
	case load.NotSent:
		return "not sent"
	}
	return strconv.Itoa(outcome)
}

func ms(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

// tally is what became of all sends to the product.
type tally struct {
	acknowledged int
	unknown      int // they may be stored
}

func (t *tally) add(r *load.Result) {
	for outcome, count := range r.Outcomes {
		switch {
		case outcome == http.StatusOK:
			t.acknowledged += count
		case outcome == load.NoAnswer, outcome >= http.StatusInternalServerError && outcome != http.StatusServiceUnavailable:
			t.unknown += count
		}
	}
}

// checkStored checks that what was acknowledged is stored, and little more.
func (w *world) checkStored() {
	w.Helper()
	ours := w.systems["ours"]
	if ours == nil {
		return
	}
	var stored int
	if err := w.sql("ours").QueryRow("SELECT COUNT(*) FROM messages WHERE chat LIKE 'a____:b'").Scan(&stored); err != nil {
		w.Fatal(err)
	}
	stored -= w.scale.chats * w.scale.fill
	missing, extra := w.tally.acknowledged-stored, stored-w.tally.acknowledged-w.tally.unknown
	w.report.Checks = append(w.report.Checks, report.Check{
		What: "What the load generator sent to ours and was acknowledged is in the table, once",
		OK:   missing <= 0 && extra <= 0,
		Text: strconv.Itoa(w.tally.acknowledged) + " acknowledged, " + strconv.Itoa(w.tally.unknown) +
			" with an outcome that is not known, " + strconv.Itoa(stored) + " stored",
	})
}
