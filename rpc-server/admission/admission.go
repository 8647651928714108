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

// share is the part of a caller's remaining time that it may be expected to wait.
// The rest is for what the expectation cannot know: rounds that become slower, or
// that have room for fewer.
const share = 4

// Gate decides who may wait to be served. Service goes in rounds, with places for
// several at a time; the rounds' own time tells how long a wait will be. It is
// safe for concurrent use.
type Gate struct {
	places int
	now    func() time.Duration // since any fixed time

	took  atomic.Int64 // how long the latest round took, in nanoseconds
	began atomic.Int64 // when the latest round began, by now
}

// New returns a Gate before rounds of so many places.
func New(places int) *Gate {
	start := time.Now()
	return &Gate{places: places, now: func() time.Duration { return time.Since(start) }}
}

// Round notes that a round begins; the function that it returns notes its end.
// Rounds may overlap.
func (g *Gate) Round() (end func()) {
	began := g.now()
	g.began.Store(int64(began))
	return func() { g.took.Store(int64(g.now() - began)) }
}

// Admits reports whether a caller may wait behind waiting others. As many as one
// round serves always may: so rounds stay full, and their time stays known. Of the
// others those may that can expect to be served, at the pace of the latest round,
// in a quarter of the time until their deadline.
func (g *Gate) Admits(ctx context.Context, waiting int) bool {
	deadline, bounded := ctx.Deadline()
	if waiting < g.places || !bounded {
		return true
	}
	// While some wait a round is under way, which may already take longer.
	round := max(g.took.Load(), int64(g.now())-g.began.Load())
	const ownAndUnderWay = 2
	wait := time.Duration(round) * time.Duration(waiting/g.places+ownAndUnderWay)
	return wait <= time.Until(deadline)/share
}
