package databases

import (
	"math/rand/v2"
	"net/http"
	"testing"
	"time"

	"example.com/im/http-server/openapi/openapitest"
	"example.com/im/rpc-server/store/storetest"
	"example.com/im/test/delivery"
	"example.com/im/test/fault"
	"example.com/im/test/process"
)

// A world is what faults are done to: a database, and two systems on it that share
// nothing else. So two rpc-servers write to each lane at all times. The second system
// keeps no messages in memory, so the database serves all of its reads.
type world struct {
	*testing.T
	database
	rand    *rand.Rand
	systems []*process.System
	traffic *delivery.Traffic
}

func newWorld(t *testing.T) *world {
	t.Helper()
	storetest.Needs(t, "clusters of databases")
	return &world{T: t, rand: rand.New(rand.NewPCG(*seed, 0))}
}

// startSystems starts both.
func (w *world) startSystems() {
	w.Helper()
	w.systems = []*process.System{
		process.StartShipped(w, w.dsns[0]),
		process.StartShipped(w, w.dsns[1], "TAIL_BYTES=0"),
	}
}

// startTraffic starts senders and readers through the gateways of both systems, and
// returns what suffers the faults.
func (w *world) startTraffic() *fault.World {
	w.Helper()
	cfg := delivery.Config{
		Chats: 9, Groups: 3, Senders: 24, Followers: 2, Pause: 15 * time.Millisecond, Poll: 40 * time.Millisecond,
		Vigils: 8, Late: 7 * time.Second, Seed: *seed,
		Wrap: func(next http.RoundTripper) http.RoundTripper { return openapitest.Sample(w, next, 50) },
	}
	for _, s := range w.systems {
		cfg.URLs = append(cfg.URLs, s.URLs()...)
	}
	var err error
	if w.traffic, err = delivery.Start(w.Context(), cfg); err != nil {
		w.Fatal(err)
	}
	suffering := &fault.World{TB: w, Traffic: w.traffic, AwaitWhole: func() {
		if w.whole != nil {
			w.must(w.whole())
		}
		for _, s := range w.systems {
			s.AwaitReady(w)
		}
	}}
	suffering.Recovered(time.Now())
	return suffering
}

// ask returns what a server answers to a query of one value.
func (w *world) ask(dsn, query string) (value string) {
	w.Helper()
	pool, err := storetest.Connect(dsn)
	if err != nil {
		w.Fatal(err)
	}
	defer func() { _ = pool.Close() }()
	if err := pool.QueryRowContext(w.Context(), query).Scan(&value); err != nil {
		w.Fatalf("%s: %v", query, err)
	}
	return value
}

// must fails the test at an error of what a fault does.
func (w *world) must(err error) {
	w.Helper()
	if err != nil {
		w.Fatal(err)
	}
}

// between returns a random time.
func (w *world) between(least, most time.Duration) time.Duration {
	return least + time.Duration(w.rand.Int64N(int64(most-least)+1))
}
