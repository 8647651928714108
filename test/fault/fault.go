// Package fault does to a system under traffic what goes wrong in production, one fault
// after the other, and measures how soon the service recovers.
package fault

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"example.com/im/test/delivery"
)

// A Fault is something that goes wrong, and ends.
type Fault struct {
	Name string
	// Begin begins it, and returns how it ends and after how long.
	Begin func() (end func(), lasts time.Duration)
	// Survivable: the service comes back while the fault lasts.
	Survivable bool
	// Unnoticed: no request fails.
	Unnoticed bool
	// Within is the time within which the service has to recover while the fault
	// lasts. It counts from From on, or from the begin of the fault if From is nil. 0
	// is no bound.
	Within time.Duration
	From   func() time.Time
}

// Nothing ends what has ended by itself.
func Nothing() {}

// A World is what faults are done to.
type World struct {
	testing.TB
	Traffic    *delivery.Traffic
	AwaitWhole func() // waits until every part is as before a fault
}

// calm is for how long no request may fail, or be slow, until the service counts as
// recovered: longer than a gateway waits for rpc-servers. patience is for how long the
// test waits for that.
const (
	calm     = 6 * time.Second
	patience = time.Minute
)

// Suffer goes through a fault.
func (w *World) Suffer(f Fault) Result {
	w.Helper()
	r := Result{fault: f}
	before, begin := w.Traffic.Failed(), time.Now()
	end, lasts := f.Begin()
	if f.Survivable {
		r.during = w.survive(f, begin)
	}
	select {
	case <-time.After(lasts - time.Since(begin)):
	case <-w.Context().Done():
	}
	end()
	ended := time.Now()
	r.after = w.Recovered(ended)
	w.AwaitWhole()
	if r.whole = time.Since(ended); r.whole > patience/2 {
		w.Errorf("%s: the last part is ready %v after its end", f.Name, r.whole)
	}
	if r.failures = w.Traffic.Failed() - before; r.failures > 0 {
		failures := w.Traffic.Failures()
		r.last = failures[len(failures)-1]
	}
	if f.Unnoticed && r.failures > 0 {
		w.Errorf("%s: requests failed", f.Name)
	}
	return r
}

// survive waits until the service is back while a fault lasts, and returns how long
// that took.
func (w *World) survive(f Fault, begin time.Time) time.Duration {
	w.Helper()
	if f.From != nil {
		begin = f.From()
	}
	took := w.Recovered(begin)
	if f.Within > 0 && took > f.Within {
		w.Errorf("%s: the service is back after %v; want %v", f.Name, took, f.Within)
	}
	return took
}

// Recovered waits until the service has recovered from what happened at since, and
// returns how long that took.
func (w *World) Recovered(since time.Time) time.Duration {
	w.Helper()
	ctx, cancel := context.WithTimeoutCause(w.Context(), patience, errors.New("not within "+patience.String()))
	defer cancel()
	took, err := w.Traffic.Recovered(ctx, since, calm)
	if err != nil {
		failures := w.Traffic.Failures()
		w.Fatalf("the service is not back: %v; the last of %d failures: %v", err, w.Traffic.Failed(), failures[max(0, len(failures)-5):])
	}
	return took
}

// A Result is what one fault did.
type Result struct {
	fault    Fault
	during   time.Duration // until the service was back, from its begin
	after    time.Duration // until the service was back, from its end
	whole    time.Duration // within which each part was ready and registered, from its end
	failures int           // requests that failed meanwhile
	last     string        // of these
}

func (r Result) String() string {
	const unit = time.Millisecond
	return fmt.Sprintf("%s: back after %v while it lasted, %v after its end, and whole within %v; %d requests failed %.200s",
		r.fault.Name, r.during.Round(unit), r.after.Round(unit), r.whole.Round(unit), r.failures, r.last)
}
