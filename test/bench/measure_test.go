package bench

import (
	"context"
	"fmt"
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

// closed returns a subject under a closed loop.
func (w *world) closed(subject string, connections int, request load.Request) contender {
	w.Helper()
	return w.closedOn(w.system(subject), subject, connections, request)
}

// closedOn returns a system under a closed loop.
func (w *world) closedOn(s *system, subject string, connections int, request load.Request) contender {
	w.Helper()
	pool := w.pool(s, connections)
	name := fmt.Sprintf("%d connections", connections)
	return contender{load: name, subject: subject, processes: s.processes, run: func(ctx context.Context, d time.Duration) *load.Result {
		return pool.Closed(ctx, request, d)
	}}
}

// opened returns a subject under an open loop.
func (w *world) opened(subject string, rate float64, request load.Request) contender {
	w.Helper()
	return w.openedOn(w.system(subject), subject, w.scale.openConns, rate, request)
}

// openedOn returns a system under an open loop.
func (w *world) openedOn(s *system, subject string, connections int, rate float64, request load.Request) contender {
	w.Helper()
	pool := w.pool(s, connections)
	name := fmt.Sprintf("open loop, %s/s", report.Number(rate))
	return contender{load: name, subject: subject, processes: s.processes, offered: rate, run: func(ctx context.Context, d time.Duration) *load.Result {
		return pool.Open(ctx, request, rate, d)
	}}
}

// poolKey tells the pools of a scenario apart.
type poolKey struct {
	url         string
	connections int
}

// pool returns so many connections to a system, for the length of the scenario.
// One load at a time may use them.
func (w *world) pool(s *system, connections int) *load.Pool {
	w.Helper()
	key := poolKey{s.url, connections}
	if w.pools[key] == nil {
		pool, err := load.Dial(w.ctx, s.url, connections)
		if err != nil {
			w.Fatal(err)
		}
		w.Cleanup(pool.Close)
		w.pools[key] = pool
	}
	return w.pools[key]
}

// leastRate is the rate that every subject is assumed to reach. The loads that are
// parts of a subject's rate use it where a tiny run on a busy machine ended before the
// first answer.
const leastRate = 20

// capacity returns how many requests a second a subject takes in a closed loop.
func (w *world) capacity(c contender) float64 {
	w.Helper()
	_ = c.run(w.ctx, w.scale.warm)
	return max(w.trial(c).Rate, leastRate)
}

// compare puts the loads on the contenders by turns, and adds their trials to s.
func (w *world) compare(s *report.Section, contenders ...contender) {
	w.Helper()
	for range w.scale.trials {
		for _, c := range contenders {
			_ = c.run(w.ctx, w.scale.warm)
			w.once(s, c)
		}
	}
}

// once puts the load on a contender, and adds the trial to s.
func (w *world) once(s *report.Section, c contender) report.Trial {
	w.Helper()
	t := w.trial(c)
	if w.ctx.Err() != nil {
		w.Fatal("interrupted")
	}
	row := s.Row(c.load, c.subject)
	row.Trials = append(row.Trials, t)
	w.Logf("%s, %s, trial %d: %s/s, %s ms, 99 %% within %s ms, %d not 200", c.load, c.subject, len(row.Trials),
		report.Number(t.Rate), report.Number(t.P50), report.Number(t.P99), t.Failures())
	return t
}

// trial puts the load on a contender once.
func (w *world) trial(c contender) report.Trial {
	before := c.processes.CPU()
	r := c.run(w.ctx, w.scale.length)
	after := c.processes.CPU()
	t := toTrial(r)
	t.Offered = c.offered
	for name := range c.processes {
		t.CPU[name] = float64((after[name] - before[name]).Microseconds()) / float64(max(r.Answered(), 1))
	}
	return t
}

// toTrial converts a result.
func toTrial(r *load.Result) report.Trial {
	t := report.Trial{
		Rate: r.Rate(), Bytes: float64(r.Bytes) / float64(max(r.Answered(), 1)),
		P50: ms(r.Percentile(50)), P99: ms(r.Percentile(99)), P999: ms(r.Percentile(99.9)), Longest: ms(r.Percentile(100)),
		CPU: make(map[string]float64), Outcomes: make(map[string]int), Example: r.Example,
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
