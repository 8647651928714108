// Package admission refuses at once what would wait for too long.
//
// A bound on the number of waiting callers is not enough. Under overload the queue
// fills up to the bound, and a first-in-first-out queue then serves each caller after
// the longest possible wait. Once that wait comes near the callers' deadlines, they
// give up while they are served: the service does all the work, nearly all of it for
// callers who have already given up. What counts is how long callers wait, not how many
// do.
//
// Its nouns: a round serves several callers at a time, one in each of its places. The
// gate stands before the queue, and admits a caller who can expect to be served in
// time.
package admission

import (
	"context"
	"sync/atomic"
	"time"
)

// share is the divisor of a caller's remaining time that bounds its wait behind a full
// round. A longer queue would help nobody, as it keeps rounds no fuller. The rest of
// the time is for what the expectation cannot know: rounds may become slower, or have
// room for fewer.
const share = 4

// idle stands for the begin of a round if none is under way.
const idle = -1

// Gate decides who may wait to be served. The length of the rounds tells how long a
// wait will be. It is safe for concurrent use.
type Gate struct {
	places int
	now    func() time.Duration // since any fixed time

	took  atomic.Int64 // how long the latest round took, in nanoseconds
	began atomic.Int64 // when the latest round began, by now; or idle
}

// New returns a Gate before rounds with so many places.
func New(places int) *Gate {
	start := time.Now()
	g := &Gate{places: places, now: func() time.Duration { return time.Since(start) }}
	g.began.Store(idle)
	return g
}

// Round notes that a round begins. The function that it returns notes the round's end.
// Rounds may overlap: then any of them tells how long rounds take.
func (g *Gate) Round() (end func()) {
	began := g.now()
	g.began.Store(int64(began))
	return func() {
		g.took.Store(int64(g.now() - began))
		g.began.Store(idle)
	}
}

// Admits reports whether a caller may wait behind waiting others. It may if it can
// expect, at the pace of the latest round, to be served before its deadline. Where a
// full round waits already, it may if it can expect that within a quarter of its
// remaining time. A caller without a deadline may always wait. So may the first
// callers, up to a full round, when no round is under way: only rounds tell how long
// they take.
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
