// Package delivery checks from the outside, over HTTP alone, how a system
// delivers messages. Senders and readers use chats of their own through all
// gateways, and keep what they were told. At the end that history is held
// against what the chats hold: see [Kind] for what can be wrong.
//
// A page is taken at its word: that exactly its messages lie between its cursor
// and the next. What comes to lie there later, a reader who followed
// next_cursor has missed for ever.
package delivery

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
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
	vigils    []*history
	anomalies *anomalies
	failures  failures
	started   time.Time
	replayed  atomic.Int64 // sends repeated, and answered as before

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
	token := strings.ToLower(rand.Text()[:10])
	for i := range cfg.Chats {
		t.chats = append(t.chats, newHistory(token, fmt.Sprintf("%s-%d", token, i), t.anomalies, cfg.Followers))
	}
	for i := range cfg.Vigils {
		t.vigils = append(t.vigils, newHistory(token, fmt.Sprintf("%s-vigil-%d", token, i), t.anomalies, 1))
	}
	t.startVigils(ctx)
	t.startSenders(ctx)
	t.startReaders(ctx)
	return t, nil
}

// startSenders spreads the senders over the chats.
func (t *Traffic) startSenders(ctx context.Context) {
	for i := range t.cfg.Senders {
		s := &sender{
			traffic: t, chat: t.chats[i%len(t.chats)], rand: t.rand(i), last: none,
			pause: func() time.Duration { return t.cfg.Pause },
		}
		t.senders.Go(func() { s.run(ctx) })
	}
	go func() {
		t.senders.Wait()
		close(t.settled)
	}()
}

// startReaders starts the followers and the browser of each chat, and who looks at
// the inbox.
func (t *Traffic) startReaders(ctx context.Context) {
	stream := t.cfg.Senders
	for _, h := range t.chats {
		for range t.cfg.Followers {
			r := t.rand(stream)
			t.readers.Go(func() { t.follow(ctx, h, r) })
			stream++
		}
		r := t.rand(stream)
		t.readers.Go(func() { t.browse(ctx, h, r) })
		stream++
	}
	t.readers.Go(func() { t.watchInbox(ctx) })
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

// Finish stops the senders, lets the followers read all, reads every chat from
// end to end in both directions, and each inbox, and checks the history. It fails if ctx ends
// before that is done.
func (t *Traffic) Finish(ctx context.Context) (*Report, error) {
	defer t.client.http.CloseIdleConnections()
	defer t.hard()
	defer context.AfterFunc(ctx, t.hard)()
	t.Stop()
	t.senders.Wait()
	t.readers.Wait()
	took := t.now()
	latest := make(map[*history]int64) // of the chats that have messages
	for _, h := range t.all() {
		reverse, readBack := t.scan(ctx, h, true)
		forward, readOn := t.scan(ctx, h, false)
		if !readBack || !readOn {
			return nil, errors.New("the chats cannot be read to their end")
		}
		h.check(reverse, forward)
		if len(forward) > 0 {
			latest[h] = forward[len(forward)-1].sendTime
		}
	}
	if !t.checkInboxes(ctx, latest) {
		return nil, errors.New("the inboxes cannot be read to their end")
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

// all returns the histories of all chats.
func (t *Traffic) all() []*history { return slices.Concat(t.chats, t.vigils) }

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
func (t *Traffic) pauseBeforeRetry(ctx context.Context) {
	select {
	case <-ctx.Done():
	case <-time.After(retryDelay):
	}
}
