package bench

import (
	"fmt"
	"sync"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"

	"example.com/im/test/bench/load"
	"example.com/im/test/bench/report"
)

const (
	// waitMS is for how long a reader asks to be made to wait.
	waitMS = 30_000
	// waitTimeout is for how long an answer is waited for, which is longer.
	waitTimeout = 40 * time.Second
	// rampGap is between the begins of two readers that wait for nothing.
	rampGap = time.Millisecond
	// followed is how many chats are followed at a time.
	followed = 8
)

// waits measures how soon waiting readers learn of a message, and what readers cost to
// whom nothing comes.
func (w *world) waits() {
	s := w.section("Waiting readers", fmt.Sprintf("Pulls with wait_ms=%d. The time counts from when the sender has its acknowledgement until the reader "+
		"has the message; 0 where the reader was first. The other instance is of a second system that has nothing in common with "+
		"the sender's but the database. For what readers cost they connect as they begin to wait, one each millisecond.", waitMS))
	settings := []string{"MAX_REQUESTS=50000", "MAX_CONNECTIONS=50000"}
	near := w.start(w.T, spec{database: "waited", rpcServers: 1, settings: settings})
	w.fill(near.dsn, filling{chats: w.scale.chats, each: 1, lanes: true})
	far := w.start(w.T, spec{database: "waited", rpcServers: 1, settings: settings})
	for range w.scale.trials {
		w.follow(s, near, far)
	}
	w.waitForNothing(s, near)
}

// follow has readers wait for messages, at the sender's system and at another.
func (w *world) follow(s *report.Section, near, far *system) {
	w.Helper()
	delays := map[string]*hdrhistogram.Histogram{}
	subjects := map[string]*system{"same instance": near, "other instance": far}
	for name := range subjects {
		for _, of := range []string{name, name + bySync} {
			delays[of] = hdrhistogram.New(1, waitTimeout.Microseconds(), 3)
		}
	}
	inbox := w.syncCursor(near)
	var (
		mu    sync.Mutex
		group sync.WaitGroup
	)
	failed := make(chan error, followed)
	for chat := range followed {
		end := w.end(near, chat)
		group.Go(func() {
			f := newFollower(near, subjects, chat, end, inbox)
			defer f.close()
			for range (w.scale.waits + followed - 1) / followed {
				found, err := f.exchange(w.ctx)
				if err != nil {
					failed <- err
					return
				}
				mu.Lock()
				for name, delay := range found {
					_ = delays[name].RecordValue(max(delay.Microseconds(), 0)) // it is within the bounds
				}
				mu.Unlock()
			}
		})
	}
	group.Wait()
	select {
	case err := <-failed:
		w.Fatal(err)
	default:
	}
	for _, name := range []string{"same instance", "same instance" + bySync, "other instance", "other instance" + bySync} {
		for _, p := range []float64{50, 99} {
			s.Put(fmt.Sprintf("%s, %.0f %% of %d", name, p, delays[name].TotalCount()), "ms", float64(delays[name].ValueAtPercentile(p))/1000)
		}
	}
}

// waitForNothing measures what readers cost for whom nothing comes.
func (w *world) waitForNothing(s *report.Section, sys *system) {
	w.Helper()
	s.Add("without readers", "database reads a second", w.idleReads())
	w.putMemory(s, "without readers", sys)
	ends := make([]int64, w.scale.chats)
	for chat := range ends {
		ends[chat] = w.end(sys, chat)
	}
	request := load.Wait(waitMS, func(n uint64) (int, int64) {
		chat := int(n % uint64(len(ends)))
		return chat, ends[chat]
	})
	name := fmt.Sprintf("%d readers", w.scale.waiting)
	w.whileHeld(s, sys, name, request, func(length time.Duration) {
		before := sys.processes.CPU()
		reads := w.reads(func() { w.pause(length) })
		after := sys.processes.CPU()
		s.Put(name, "database reads a second", reads/length.Seconds())
		for _, process := range services {
			used := (after[process] - before[process]).Seconds() / length.Seconds()
			s.Put(name+", CPU of "+process, "% of a core", 100*used)
		}
		w.putMemory(s, name, sys)
	})
}

// whileHeld measures once for each trial, while so many requests wait as the scale has.
// Nobody begins to wait while it is measured, nor is given up.
func (w *world) whileHeld(s *report.Section, sys *system, name string, request load.Request, measure func(length time.Duration)) {
	w.Helper()
	pool := load.New(sys.url, w.scale.waiting)
	w.Cleanup(pool.Close)
	ramp, settle, length := time.Duration(w.scale.waiting)*rampGap, 2*time.Second, max(w.scale.length, time.Second)
	held := make(chan *load.Result, 1)
	go func() { held <- pool.Hold(w.ctx, request, ramp, ramp+time.Duration(w.scale.trials)*length+2*settle) }()
	w.pause(ramp + settle)
	for range w.scale.trials {
		measure(length)
	}
	if r := <-held; len(r.Outcomes) > 0 { // some were answered
		row := s.Row(name, "ours")
		row.Trials = append(row.Trials, toTrial(r))
	}
}
