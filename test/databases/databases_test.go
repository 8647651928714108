// Package databases checks delivery on every database that the documentation names,
// under the faults that its kind can have. It kills servers, freezes them, cuts them
// off from each other, demotes them for maintenance, and kills all at once. All servers
// are real.
package databases

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/cloudwego/hertz/pkg/common/hlog"
	"github.com/cloudwego/kitex/pkg/klog"

	"example.com/im/rpc-server/store/storetest"
	"example.com/im/test/delivery"
	"example.com/im/test/fault"
	"example.com/im/test/process"
)

// By default only what nothing else tests: one change of the server on each cluster.
var (
	long   = flag.Bool("long", false, "all faults, on all databases")
	rounds = flag.Int("rounds", 1, "how often all faults of a database happen, with -long")
	seed   = flag.Uint64("seed", 1, "decides the order of faults and their lengths")
)

// rows are those of the table for the README, and missing says which databases could
// not be had.
var rows, missing []string

func TestMain(m *testing.M) {
	klog.SetLevel(klog.LevelFatal)
	hlog.SetLevel(hlog.LevelFatal)
	code := storetest.Main(m)
	process.RemoveBinaries()
	if *long && len(rows) > 0 {
		fmt.Printf("\n| database | messages | pages read | faults | anomalies | longest gap |\n|---|---|---|---|---|---|\n%s\n", strings.Join(rows, "\n"))
	}
	for _, m := range missing {
		fmt.Printf("NOT TESTED: %s\n", m)
	}
	os.Exit(code)
}

// A database is what the README names, and what can happen to it.
type database struct {
	dsns    [2]string // of one database, as two systems that do not know each other reach it
	version string
	whole   func() error  // waits until all of its servers are there; nil: there is but one
	faults  []fault.Fault // by the seed in another order
}

// Through all faults of a database no message is lost, repeated, skipped or reordered,
// and no read is stale. After each fault the service recovers by itself.
func TestDatabases(t *testing.T) {
	for _, d := range []struct {
		name  string
		start func(*world) (database, error)
		short bool
	}{
		{"Galera", startGalera, true},
		{"Group Replication", startGroup, true},
		{"MariaDB", startMariaDB, false},
		{"MariaDB 11.8", startMariaDB118, false},
		{"MySQL", startMySQL, false},
		{"TiDB", startTiDB, false},
	} {
		t.Run(d.name, func(t *testing.T) {
			if !*long && !d.short {
				t.Skip("only with -long")
			}
			w := newWorld(t)
			var err error
			if w.database, err = d.start(w); errors.Is(err, storetest.ErrNotHere) {
				missing = append(missing, fmt.Sprintf("%s: %v", d.name, err))
				t.Skip(err)
			}
			if err != nil {
				t.Fatal(err)
			}
			w.startSystems()
			w.check(d.name)
		})
	}
}

// check goes through all faults under traffic.
func (w *world) check(name string) {
	w.Helper()
	suffering := w.startTraffic()
	var results []fault.Result
	for range *rounds {
		w.rand.Shuffle(len(w.faults), func(i, j int) { w.faults[i], w.faults[j] = w.faults[j], w.faults[i] })
		for _, f := range w.faults {
			r := suffering.Suffer(f)
			results = append(results, r)
			w.Logf("%d messages: %v", w.traffic.Acknowledged(), r)
		}
	}
	ctx, cancel := context.WithTimeout(w.Context(), 5*time.Minute)
	defer cancel()
	report, err := w.traffic.Finish(ctx)
	if err != nil {
		w.Fatal(err)
	}
	w.Logf("%s (%s): %v\n%s", name, w.version, report, fault.Table(w.faults, results))
	rows = append(rows, w.row(name, len(results), report))
	if !report.OK() || report.Acknowledged == 0 {
		w.Error("there are anomalies, or no messages")
	}
}

// row sums up what became of a database, in Markdown.
func (w *world) row(name string, faults int, r *delivery.Report) string {
	anomalies := 0
	for _, n := range r.Anomalies {
		anomalies += n
	}
	var names []string
	for _, f := range w.faults {
		names = append(names, f.Name)
	}
	return fmt.Sprintf("| %s (%s) | %d | %d | %d: %s | %d | %.1f s |",
		name, w.version, r.Acknowledged, r.Pages, faults, strings.Join(names, ", "), anomalies, r.Gap.Seconds())
}
