// Package bench measures the product beside what it is to be compared with, on
// one machine and in one run:
//
//   - ceiling: the two frameworks alone, with handlers that do nothing;
//   - hops: the product's http-server before an rpc-server that does nothing;
//   - store: the product's sequencer, called in this process;
//   - naive: an INSERT for each send, a query for each pull, behind the same bare
//     gateway as the ceiling;
//   - ours: the product.
//
// All are real processes, with a MariaDB whose settings are durable. The trials of
// the subjects take turns, so that what troubles the machine troubles all. By
// default the run is tiny, and shows that the benchmark works; make bench is the
// real one.
package bench

import (
	"os"
	"os/signal"
	"strings"
	"syscall"
	"testing"
	"time"

	"example.com/im/rpc-server/store/storetest"
	"example.com/im/test/bench/report"
	"example.com/im/test/process"
)

func TestMain(m *testing.M) {
	raiseFileLimit()
	code := storetest.Main(m)
	process.RemoveBinaries()
	os.Exit(code)
}

// files is how many files a process may need to have open: two for each reader
// that waits.
const files = 1 << 16

// raiseFileLimit lets this process and its children open so many, if it may.
func raiseFileLimit() {
	var limit syscall.Rlimit
	if syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit) == nil {
		limit.Cur, limit.Max = max(limit.Cur, files), max(limit.Max, files)
		_ = syscall.Setrlimit(syscall.RLIMIT_NOFILE, &limit) // without it, the largest loads may fail, and say so
	}
}

// A scenario measures one thing.
type scenario struct {
	name string
	run  func(w *world)
}

// scenarios are all there are, in the order of a run.
func scenarios() []scenario {
	return []scenario{
		{"send", (*world).sends},
		{"pull", (*world).pulls},
		{"depth", (*world).depth},
		{"inbox", (*world).inboxes},
		{"member", (*world).members},
		{"poll", (*world).polls},
		{"routing", (*world).routing},
		{"secured", (*world).secured},
		{"slow", (*world).slowReaders},
		{"wait", (*world).waits},
		{"memory", (*world).memoryUse},
		{"load", (*world).latencies},
		{"delivery", (*world).deliveries},
	}
}

// TestBench runs the scenarios and writes the report. It fails if something could not
// be measured, or broke a promise. No figure fails it.
func TestBench(t *testing.T) {
	size, err := chosenScale()
	if err != nil {
		t.Fatal(err)
	}
	chosen, err := chosenScenarios()
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := signal.NotifyContext(t.Context(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	w := newWorld(ctx, t, size)
	begin := time.Now()
	for _, s := range chosen {
		t.Run(s.name, func(t *testing.T) { s.run(w.in(t)) })
		if ctx.Err() != nil {
			t.Fatal("interrupted")
		}
		t.Logf("%v: %s is done", time.Since(begin).Round(time.Second), s.name)
	}
	w.checkStored()
	if len(chosen) == len(scenarios()) {
		w.checkComplete()
	}
	w.save()
}

// save writes the report, and fails the test if a check has failed.
func (w *world) save() {
	w.Helper()
	if err := w.report.Save(w.out); err != nil {
		w.Fatal(err)
	}
	w.Logf("\n%s\nwritten to %s", w.report.Markdown(), w.out)
	if !w.report.OK() {
		w.Error("a check has failed")
	}
}

// newReport returns a report without results.
func newReport(w *world) *report.Report {
	w.Helper()
	machine, err := report.Look(w.dir)
	if err != nil {
		w.Fatal(err)
	}
	return &report.Report{
		Taken: time.Now(), Commit: report.Commit(), Args: strings.Join(shownArgs(), " "),
		Machine: machine, Database: w.settings(),
	}
}

// shownArgs are the flags of the benchmark, without where its results go.
func shownArgs() []string {
	args := []string{"make bench"}
	for _, arg := range os.Args[1:] {
		if !strings.HasPrefix(arg, "-test.") && !strings.HasPrefix(arg, "-out") {
			args = append(args, arg)
		}
	}
	return args
}
