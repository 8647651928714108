package im

import (
	"context"
	"errors"
	"log/slog"
	"sync/atomic"
	"time"

	"example.com/im/rpc-server/store"
)

// Why an instance does not serve.
var (
	errDraining   = errors.New("the instance is stopping")
	errClockAhead = errors.New("the instance's clock is far ahead of the database's")
	errNotChecked = errors.New("the instance is starting")
)

const (
	// maxAhead is how far the clock may be ahead of the database's before the instance
	// refuses sends. Its times would be a lower bound for all later ones, on every
	// instance.
	maxAhead = time.Minute

	checkInterval = time.Second
	checkTimeout  = 2 * time.Second
)

// health knows whether the instance can serve. It asks the database once a second,
// however often others ask it.
type health struct {
	store *store.Store
	now   func() time.Time
	log   *slog.Logger

	draining atomic.Bool
	last     atomic.Pointer[error] // outcome of the latest check
	clock    atomic.Pointer[error] // outcome of the latest comparison of clocks
	doubtful atomic.Bool           // the database has not stored the latest commit, or not said so
}

func newHealth(st *store.Store, now func() time.Time, log *slog.Logger) *health {
	h := &health{store: st, now: now, log: log}
	h.last.Store(&errNotChecked)
	h.clock.Store(&errNotChecked)
	return h
}

// run checks once a second until ctx is done.
func (h *health) run(ctx context.Context) {
	tick := time.NewTicker(checkInterval)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			h.check(ctx)
		case <-ctx.Done():
			return
		}
	}
}

// check asks the database for its time. If there is doubt it also asks whether the
// database takes writes. It notes the outcome, and logs a change.
func (h *health) check(ctx context.Context) {
	clock := h.compareClocks(ctx)
	if clock == nil || errors.Is(clock, errClockAhead) {
		h.clock.Store(&clock)
	}
	err := clock
	if err == nil {
		err = h.tryCommit(ctx)
	}
	before := *h.last.Swap(&err)
	switch {
	case err != nil && (before == nil || before.Error() != err.Error()):
		h.log.Warn("not ready", "err", err)
	case err == nil && before != nil:
		h.log.Info("ready")
	}
}

// committed notes what has become of a commit.
func (h *health) committed(err error) {
	h.doubtful.Store(errors.Is(err, store.ErrUnavailable) || errors.Is(err, store.ErrUnknown))
}

// tryCommit says why no send can succeed, or returns nil. It asks the database only if
// the latest commit was not stored: a database with a full disk still answers reads. It
// cannot wait for a send that succeeds, because a load balancer may have sent all
// clients elsewhere by now.
func (h *health) tryCommit(ctx context.Context) error {
	if !h.doubtful.Load() {
		return nil
	}
	err := h.store.Probe(ctx)
	if err == nil {
		h.doubtful.Store(false)
	}
	return err
}

// compareClocks returns errClockAhead, or why the database did not answer.
func (h *health) compareClocks(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, checkTimeout)
	defer cancel()
	database, err := h.store.Clock(ctx)
	if err != nil {
		return err
	}
	if h.now().Sub(database) > maxAhead {
		return errClockAhead
	}
	return nil
}

// drain makes the instance refuse all later calls.
func (h *health) drain() { h.draining.Store(true) }

// problem says why the instance cannot serve, or returns nil.
func (h *health) problem() error {
	if err := h.refuses(); err != nil {
		return err
	}
	return *h.last.Load()
}

// refuses says why the instance refuses every call, or returns nil. A failed check of
// the database is no reason: the database may answer now.
func (h *health) refuses() error {
	if h.draining.Load() {
		return errDraining
	}
	return nil
}

// refusesSends says why the instance refuses sends, or returns nil. A clock must not
// stamp a message if it has not been compared, or was ahead when it was.
func (h *health) refusesSends() error {
	if err := h.refuses(); err != nil {
		return err
	}
	return *h.clock.Load()
}
