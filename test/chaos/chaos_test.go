// Package chaos checks delivery under all faults. It kills, freezes and stops
// processes, crashes the database, loses answers and moves clocks. All parts are real:
// rpc-servers, gateways, MariaDB with durable settings, etcd.
package chaos

import (
	"context"
	"flag"
	"fmt"
	"os"
	"testing"
	"time"

	"github.com/cloudwego/hertz/pkg/common/hlog"
	"github.com/cloudwego/kitex/pkg/klog"

	"example.com/im/rpc-server/store/storetest"
	"example.com/im/test/delivery"
	"example.com/im/test/fault"
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

// Through all faults no message is lost, repeated, skipped or reordered, and nothing
// that was read disappears. Members who follow by sync get all of it, of groups what is
// said while they are in them. After each fault the service recovers by itself.
func TestChaos(t *testing.T) {
	long := *atLeast > 0 || *messages > 0
	w := newWorld(t, *seed)
	cfg := delivery.Config{
		Chats: 12, Groups: 4, Senders: 32, Followers: 1, Pause: 20 * time.Millisecond, Poll: 80 * time.Millisecond,
		Vigils: 16, Late: 7 * time.Second, Seed: *seed,
	}
	etcdOutage := 2 * lease
	if long { // larger batches, and pages, so that two cores do a million messages in the time
		cfg.Senders, cfg.Poll, etcdOutage = 192, 200*time.Millisecond, 2*time.Minute
	}
	begin := time.Now()
	suffering := w.startTraffic(cfg)
	var results []fault.Result
	for round := 0; round == 0 || time.Since(begin) < *atLeast || w.traffic.Acknowledged() < *messages; round++ {
		all := w.faults(etcdOutage)
		w.rand.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
		for _, f := range all {
			r := suffering.Suffer(f)
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
	t.Logf("%v\n%s", report, fault.Table(w.faults(0), results))
	if !report.OK() || report.Acknowledged == 0 {
		t.Error("there are anomalies, or no messages")
	}
}
