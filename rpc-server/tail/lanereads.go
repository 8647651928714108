package tail

import (
	"context"
	"time"

	"example.com/im/rpc-server/store"
)

// readInterval is the least time between the starts of two lane reads: however many
// pulls there are, they cost the database two small reads a millisecond.
const readInterval = 500 * time.Microsecond

// pause keeps the starts of lane reads apart.
func pause(took time.Duration, _ error) time.Duration { return readInterval - took }

// Lanes returns the lanes as a read shows them that starts after the call. An
// error is that of [store.Store.Lanes], or [store.ErrUnavailable] if ctx ends first;
// the read goes on for the others.
func (t *Tail) Lanes(ctx context.Context) (*store.Lanes, error) {
	read := t.nextRead()
	select {
	case <-read.Done():
		return &read.Lanes, read.Err
	case <-ctx.Done():
		return nil, late(ctx)
	}
}

// learn takes in what a read of the lanes shows. It does so for every lane, also for
// those that no pull waits for: so a chat that is loaded there later is not behind from
// the start.
func (t *Tail) learn(lanes *store.Lanes, err error) {
	t.counts.laneReads.Add(1)
	if err != nil {
		return
	}
	for id := range t.lanes {
		t.lanes[id].learn(lanes[id])
	}
}
