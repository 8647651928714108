// Package delivery checks from the outside, over HTTP alone, how a system
// delivers messages. Senders and readers use chats of their own through all
// gateways, and keep what they were told. Some chats are groups, whose members come and
// go. Devices follow all chats of a member by sync, and say how far the member has read.
// At the end that history is held against what the chats hold: see [Kind] for what can be
// wrong.
//
// A page is taken at its word: that exactly its messages lie between its cursor
// and the next. What comes to lie there later, a reader who followed
// next_cursor has missed for ever.
package delivery

import (
	"context"
	"crypto/rand"
	mathrand "math/rand/v2"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// Traffic is what senders and readers do, from [Start] to [Traffic.Finish]. Its
// methods are safe for concurrent use.
type Traffic struct {
	cfg       Config
	client    *client
	chats     []*history
	groups    []*history
	vigils    []*history // the quiet chats
	byChat    map[string]*history
	goers     []string // who come and go in the groups
	devices   []*device
	anomalies *anomalies
	failures  failures
	started   time.Time
	replayed  atomic.Int64 // sends repeated, and answered as before

	mu    sync.Mutex
	views []*view

	hard     context.CancelFunc // ends everything, whatever is open
	stop     chan struct{}      // closed: no further message
	stopOnce sync.Once
	senders  sync.WaitGroup
	readers  sync.WaitGroup
	settled  chan struct{} // closed: all senders have ended
}

// Start starts the traffic. It ends with [Traffic.Finish], or with ctx.
func Start(ctx context.Context, cfg Config) (*Traffic, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	ctx, hard := context.WithCancel(ctx)
	t := &Traffic{
		cfg:       cfg,
		client:    newClient(cfg),
		anomalies: newAnomalies(),
		started:   time.Now(),
		hard:      hard,
		stop:      make(chan struct{}),
		settled:   make(chan struct{}),
	}
	t.cast(strings.ToLower(rand.Text()[:10]))
	t.startVigils(ctx)
	t.startSenders(ctx)
	t.startReaders(ctx)
	return t, nil
}

// rand returns a source of choices for one of the senders and readers.
func (t *Traffic) rand(stream int) *mathrand.Rand {
	return mathrand.New(mathrand.NewPCG(t.cfg.Seed, uint64(stream)))
}

// now returns the time since the start.
func (t *Traffic) now() time.Duration { return time.Since(t.started) }

// Redirect makes all clients call other gateways from the next request on.
func (t *Traffic) Redirect(urls ...string) { t.client.urls.Store(&urls) }

// Stop ends the senders, once it is settled what has become of their last
// messages.
func (t *Traffic) Stop() { t.stopOnce.Do(func() { close(t.stop) }) }

// Stopped is closed when the senders have ended: after [Traffic.Stop], or when
// all messages are sent.
func (t *Traffic) Stopped() <-chan struct{} { return t.settled }

// Finish stops the senders, lets the followers read all, reads every chat from end to end
// in both directions, each inbox, and each list of members, and checks the history. It
// fails if ctx ends before that is done.
func (t *Traffic) Finish(ctx context.Context) (*Report, error) {
	defer t.client.http.CloseIdleConnections()
	defer t.hard()
	defer context.AfterFunc(ctx, t.hard)()
	t.Stop()
	t.senders.Wait()
	t.readers.Wait()
	took := t.now()
	if err := t.check(ctx); err != nil {
		return nil, err
	}
	return t.report(took), ctx.Err()
}

// Acknowledged returns how many messages are acknowledged up to now.
func (t *Traffic) Acknowledged() (messages int64) {
	for _, h := range t.all() {
		messages += h.acks.Load()
	}
	return messages
}

// all returns the histories of all chats that there are.
func (t *Traffic) all() []*history {
	all := slices.Concat(t.chats, t.groups, t.vigils)
	return slices.DeleteFunc(all, func(h *history) bool { return !h.isMade() })
}

// goesOn reports whether there are further messages to send.
func (t *Traffic) goesOn() bool {
	select {
	case <-t.stop:
		return false
	default:
		return t.cfg.Messages == 0 || t.Acknowledged() < t.cfg.Messages
	}
}

// wait waits, and reports whether the traffic goes on.
func (t *Traffic) wait(ctx context.Context, d time.Duration) bool {
	if d == 0 {
		return ctx.Err() == nil
	}
	select {
	case <-t.stop:
		return false
	case <-ctx.Done():
		return false
	case <-time.After(d):
		return true
	}
}

// pauseBeforeRetry waits before a request is made again.
func (t *Traffic) pauseBeforeRetry(ctx context.Context) { pause(ctx, retryDelay) }
