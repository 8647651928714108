package delivery

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"
)

// keptFailures is how many failed requests are kept as text.
const keptFailures = 1000

// slow is how long a request may take that meets no fault: less than a gateway waits
// for an rpc-server before it calls another one.
const slow = 2 * time.Second

// failures are the requests that got no answer, or an error. A failure is no anomaly: a
// system may refuse, and may not know.
type failures struct {
	mu    sync.Mutex
	count map[string]int // by call
	last  time.Duration  // when the last request ended that failed, or was slow
	texts []string
}

// ended notes the end of a request that began at the time began, unless it was this
// program that broke it off.
func (t *Traffic) ended(ctx context.Context, call string, began time.Duration, err error) {
	switch {
	case ctx.Err() != nil:
	case err != nil:
		t.failed(call, err)
	case t.now()-began > slow:
		t.failures.mu.Lock()
		defer t.failures.mu.Unlock()
		t.failures.last = t.now()
	}
}

// failed notes a request that has failed. An answer that the API does not promise
// is an anomaly as well.
func (t *Traffic) failed(call string, err error) {
	if errors.Is(err, errUnexpected) || errors.Is(err, errKeyReused) || errors.Is(err, errForbidden) {
		t.anomalies.add(UnexpectedAnswer, "%s: %v", call, err)
	}
	f := &t.failures
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.count == nil {
		f.count = make(map[string]int)
	}
	f.count[call]++
	f.last = t.now()
	f.texts = append(f.texts, fmt.Sprintf("%s %s: %v", time.Now().Format("15:04:05.000"), call, err))
	f.texts = f.texts[max(0, len(f.texts)-keptFailures):]
}

// Failures returns the requests that have failed up to now, the last 1,000 of
// them.
func (t *Traffic) Failures() []string {
	t.failures.mu.Lock()
	defer t.failures.mu.Unlock()
	return slices.Clone(t.failures.texts)
}

// Failed returns how many requests have failed up to now.
func (t *Traffic) Failed() (requests int) {
	for _, n := range t.failures.counts() {
		requests += n
	}
	return requests
}

// lastTrouble returns when a request last ended that failed, or was slow.
func (t *Traffic) lastTrouble() time.Duration {
	t.failures.mu.Lock()
	defer t.failures.mu.Unlock()
	return t.failures.last
}

// poll is how often the functions below look.
const poll = 5 * time.Millisecond

// AwaitFlow waits until n further messages are acknowledged in each chat, and n read. Each
// device of the member that is in all chats has to get a page.
func (t *Traffic) AwaitFlow(ctx context.Context, n int64) error {
	busy := t.busy()
	acks, reads, pages := make([]int64, len(busy)), make([]int64, len(busy)), make([]int64, stewardDevices)
	for i, h := range busy {
		acks[i], reads[i] = h.acks.Load()+n, h.reads.Load()+n
	}
	for i, d := range t.devices[:stewardDevices] {
		pages[i] = d.pages.Load()
	}
	for i, h := range busy {
		if err := await(ctx, func() bool { return h.acks.Load() >= acks[i] && h.reads.Load() >= reads[i] }); err != nil {
			return fmt.Errorf("messages in chat %d: %w", i, err)
		}
	}
	for i, d := range t.devices[:stewardDevices] {
		if err := await(ctx, func() bool { return d.pages.Load() > pages[i] }); err != nil {
			return fmt.Errorf("pages of device %d: %w", i, err)
		}
	}
	return nil
}

// Recovered waits until the service has recovered from what happened at since: each
// chat is sent to and read, and for a time of calm no request fails or is slow. It
// returns how long that took, without the calm. The calm has to be longer than a
// request can hang.
func (t *Traffic) Recovered(ctx context.Context, since time.Time, calm time.Duration) (time.Duration, error) {
	if err := t.AwaitFlow(ctx, 1); err != nil {
		return 0, err
	}
	flowing := t.now()
	back := func() time.Duration { return max(t.lastTrouble(), flowing) }
	err := await(ctx, func() bool { return t.now()-back() >= calm })
	return back() - since.Sub(t.started), err
}

// await polls until the condition holds.
func await(ctx context.Context, condition func() bool) error {
	tick := time.NewTicker(poll)
	defer tick.Stop()
	for !condition() {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
	return nil
}
