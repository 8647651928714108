// Package admission refuses at once what would wait for too long.
//
// A bound on the number of those who wait is not enough. When more comes than can
// be served, the queue fills up to it, and a first-in-first-out queue then serves
// each caller after the longest wait there is. Once that comes near the callers'
// deadlines, they give up while they are served: all the work is done, and nearly
// all of it for nobody. What counts is not how many wait but for how long.
package admission

import (
	"context"
	"sync/atomic"
	"time"
)

// share is the part of a caller's remaining time that it may be expected to wait
// where that helps nobody: a longer queue keeps rounds no fuller. The rest is for
// what the expectation cannot know: rounds that become slower, or that have room
// for fewer.
const share = 4

// idle is where a Gate keeps when a round began, if none is under way.
const idle = -1

// Gate decides who may wait to be served. Service goes in rounds, with places for
// several at a time; the rounds' own time tells how long a wait will be. It is
// safe for concurrent use.
type Gate struct {
	places int
	now    func() time.Duration // since any fixed time

	took  atomic.Int64 // how long the latest round took, in nanoseconds
	began atomic.Int64 // when the latest round began, by now; or idle
}

// New returns a Gate before rounds of so many places.
func New(places int) *Gate {
	start := time.Now()
	g := &Gate{places: places, now: func() time.Duration { return time.Since(start) }}
	g.began.Store(idle)
	return g
}

// Round notes that a round begins; the function that it returns notes its end.
// Rounds may overlap: then any of them tells how long they take.
func (g *Gate) Round() (end func()) {
	began := g.now()
	g.began.Store(int64(began))
	return func() {
		g.took.Store(int64(g.now() - began))
		g.began.Store(idle)
	}
}

// Admits reports whether a caller may wait behind waiting others: whether it can
// expect, at the pace of the latest round, to be served before its deadline, or
// within a quarter of that time where a full round waits already. A caller without
// a deadline may, and so may those who come first when no round is under way,
// because only rounds tell how long they take.
func (g *Gate) Admits(ctx context.Context, waiting int) bool {
	deadline, bounded := ctx.Deadline()
	began := g.began.Load()
	if !bounded || began == idle && waiting < g.places {
		return true
	}
	var underWay time.Duration
	if began != idle {
		underWay = g.now() - time.Duration(began)
	}
	round := max(time.Duration(g.took.Load()), underWay)
	const ownAndUnderWay = 2
	wait := round*time.Duration(waiting/g.places+ownAndUnderWay) - underWay
	left := time.Until(deadline)
	if waiting >= g.places {
		left /= share
	}
	return wait <= left
}
