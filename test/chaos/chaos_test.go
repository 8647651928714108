// Package chaos checks delivery while everything goes wrong that can: processes
// are killed, frozen and stopped, the database crashes, answers are lost, clocks
// jump. All are real: rpc-servers, gateways, MariaDB with durable settings, etcd.
package chaos

import (
	"context"
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/cloudwego/hertz/pkg/common/hlog"
	"github.com/cloudwego/kitex/pkg/klog"

	"example.com/im/rpc-server/store/storetest"
	"example.com/im/test/delivery"
	"example.com/im/test/process"
)

// By default each fault happens once.
var (
	atLeast  = flag.Duration("for", 0, "go on for at least so long")
	messages = flag.Int64("messages", 0, "go on until at least so many messages are acknowledged")
	seed     = flag.Uint64("seed", 1, "decides the order of faults, their lengths and their victims")
)

func TestMain(m *testing.M) {
	klog.SetLevel(klog.LevelFatal)
	hlog.SetLevel(hlog.LevelFatal)
	if file := os.Getenv(clockVariable); file != "" {
		if err := serveSkewed(clock(file)); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	code := storetest.Main(m)
	process.RemoveBinaries()
	os.Exit(code)
}

// Through all faults no message is lost, repeated, skipped or reordered, nothing
// that was read disappears, and after each the service is back by itself.
func TestChaos(t *testing.T) {
	long := *atLeast > 0 || *messages > 0
	w := newWorld(t, *seed)
	cfg := delivery.Config{Chats: 16, Senders: 32, Followers: 2, Pause: 20 * time.Millisecond, Poll: 80 * time.Millisecond, Vigils: 16, Late: 5 * time.Second, Seed: *seed}
	etcdOutage := 2 * lease
	if long { // larger batches, and pages, so that two cores do a million messages in the time
		cfg.Senders, cfg.Poll, etcdOutage = 192, 200*time.Millisecond, 2*time.Minute
	}
	begin := time.Now()
	w.startTraffic(cfg)
	var results []result
	for round := 0; round == 0 || time.Since(begin) < *atLeast || w.traffic.Acknowledged() < *messages; round++ {
		all := faults(etcdOutage)
		w.rand.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
		for _, f := range all {
			r := w.suffer(f)
			results = append(results, r)
			t.Logf("%v, %d messages: %v", time.Since(begin).Round(time.Second), w.traffic.Acknowledged(), r)
		}
	}
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Minute)
	defer cancel()
	report, err := w.traffic.Finish(ctx)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%v\n%s", report, table(results))
	if !report.OK() || report.Acknowledged == 0 {
		t.Error("there are anomalies, or no messages")
	}
}

// A result is what one fault did.
type result struct {
	fault    fault
	during   time.Duration // until the service was back, from its begin
	after    time.Duration // until the service was back, from its end
	whole    time.Duration // within which each part was ready and registered, from its end
	failures int           // requests that failed meanwhile
	last     string        // of these
}

func (r result) String() string {
	const unit = time.Millisecond
	return fmt.Sprintf("%s: back after %v while it lasted, %v after its end, and whole within %v; %d requests failed %.200s",
		r.fault.name, r.during.Round(unit), r.after.Round(unit), r.whole.Round(unit), r.failures, r.last)
}

// suffer goes through a fault.
func (w *world) suffer(f fault) result {
	w.Helper()
	r := result{fault: f}
	before, begin := w.traffic.Failed(), time.Now()
	end, lasts := f.begin(w)
	if f.survivable {
		r.during = w.recovered(begin)
	}
	select {
	case <-time.After(lasts - time.Since(begin)):
	case <-w.Context().Done():
	}
	end()
	ended := time.Now()
	r.after = w.recovered(ended)
	w.awaitWhole()
	if r.whole = time.Since(ended); r.whole > patience/2 {
		w.Errorf("%s: the last part is ready %v after its end", f.name, r.whole)
	}
	if r.failures = w.traffic.Failed() - before; r.failures > 0 {
		failures := w.traffic.Failures()
		r.last = failures[len(failures)-1]
	}
	if f.unnoticed && r.failures > 0 {
		w.Errorf("%s: requests failed", f.name)
	}
	return r
}

// table sums the results up, by fault, in Markdown.
func table(results []result) string {
	var text strings.Builder
	text.WriteString("| fault | times | requests failed | back while it lasted: median, longest | back after its end: median, longest | every part ready within |\n|---|---|---|---|---|---|\n")
	for _, f := range faults(0) {
		var during, after []time.Duration
		var whole time.Duration
		failures := 0
		for _, r := range results {
			if r.fault.name == f.name {
				during, after = append(during, r.during), append(after, r.after)
				failures, whole = failures+r.failures, max(whole, r.whole)
			}
		}
		lasted := "—"
		if f.survivable {
			lasted = spread(during)
		}
		fmt.Fprintf(&text, "| %s | %d | %d | %s | %s | %.1f s |\n", f.name, len(after), failures, lasted, spread(after), whole.Seconds())
	}
	return text.String()
}

// spread returns the median and the longest of some times, as text.
func spread(times []time.Duration) string {
	slices.Sort(times)
	return fmt.Sprintf("%.2f s, %.2f s", times[len(times)/2].Seconds(), times[len(times)-1].Seconds())
}
