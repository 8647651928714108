package sequencer

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"golang.org/x/time/rate"

	"example.com/im/rpc-server/admission"
	"example.com/im/rpc-server/store"
)

// What has become of a message that was not acknowledged. The errors of the store come
// through as well: [store.ErrUnavailable] means not stored, [store.ErrUnknown] not
// known.
var (
	// ErrFull: not stored; too many sends wait already.
	ErrFull = errors.New("too many sends are waiting")
	// ErrBusy: not stored; the commits before it would take too long.
	ErrBusy = errors.New("the message would have to wait for too long")
	// ErrExpired: not stored; the caller's deadline passed before a batch took the
	// message.
	ErrExpired = errors.New("the deadline passed before the message could be stored")
	// ErrTimeout: not known whether it is stored; the caller's deadline passed while
	// its batch was under way.
	ErrTimeout = errors.New("the deadline passed while the message was being stored")
	// ErrStopped: not stored; the sequencer has stopped.
	ErrStopped = errors.New("the service is stopping")
)

// Settings are those of a Sequencer, for kong. The default queue is 128 MiB of the
// longest texts.
type Settings struct {
	Queue int `name:"queue-size" env:"QUEUE_SIZE" default:"8192" help:"Most sends that wait for a commit; more are refused."`
}

// Validate implements kong's hook.
func (s Settings) Validate() error {
	if s.Queue < 1 {
		return errors.New("QUEUE_SIZE must be at least 1")
	}
	return nil
}

// Config is what a Sequencer needs besides its store. Without Now, Log, Begin or End
// there is a default for each.
type Config struct {
	Settings
	// Now is this instance's clock; time.Now by default.
	Now func() time.Time
	// Log receives what goes wrong.
	Log *slog.Logger
	// Begin, if it is set, is called before each commit, with the sends in it.
	Begin func([]*store.Send)
	// End, if it is set, is called after each commit, before any of its callers is
	// answered.
	End func(Commit)
}

// Commit is the outcome of a commit.
type Commit struct {
	Sends []*store.Send
	Took  time.Duration
	Ahead time.Duration // how far the latest send_time was ahead of the clock
	Err   error         // of [store.Store.Commit]; after an error the outcomes in Sends mean nothing
}

// Sequencer commits messages in batches. It is safe for concurrent use.
type Sequencer struct {
	store   *store.Store
	queue   *queue
	gate    *admission.Gate // before the queue
	stopped chan struct{}
	cfg     Config

	warnings rate.Sometimes // of batches that fail in an outage
	told     string         // the reason in the latest warning, until a batch is stored
}

// New returns a Sequencer that stores into st. It stores nothing before
// [Sequencer.Run] runs.
func New(st *store.Store, cfg Config) *Sequencer {
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	if cfg.Begin == nil {
		cfg.Begin = func([]*store.Send) {}
	}
	if cfg.End == nil {
		cfg.End = func(Commit) {}
	}
	return &Sequencer{
		store:   st,
		queue:   newQueue(cfg.Queue),
		gate:    admission.New(store.MaxBatch),
		stopped: make(chan struct{}),
		cfg:     cfg,

		warnings: rate.Sometimes{First: 1, Interval: time.Second},
	}
}

// Waiting returns the number of sends in the queue.
func (s *Sequencer) Waiting() int { return s.queue.length() }

// Send stores m and sets its SendTime and Outcome. When it returns nil, the message is
// on the database's disk, now or since its key came first. Otherwise the error says
// what has become of the message ([store.ErrKeyReused] and the other reasons of
// [store.Send.Refusal] among others). After an error
// the caller leaves m alone, because the message may still be under way.
func (s *Sequencer) Send(ctx context.Context, m *store.Send) error {
	return s.SendAll(ctx, []*store.Send{m})[0]
}

// SendAll is Send for several messages that have come at the same time: they share a
// commit, if it has room for them. It returns an error, or nil, for each.
func (s *Sequencer) SendAll(ctx context.Context, messages []*store.Send) []error {
	errs := make([]error, len(messages))
	sends := make([]*pending, len(messages))
	for i, m := range messages {
		sends[i] = &pending{message: m, done: make(chan error, 1)}
	}
	select {
	case <-s.stopped:
		setAll(errs, ErrStopped)
		return errs
	default:
	}
	admitted := s.admitted(ctx, len(sends))
	setAll(errs[admitted:], ErrBusy)
	queued := s.queue.put(sends[:admitted])
	setAll(errs[queued:admitted], ErrFull)
	for i, p := range sends[:queued] {
		errs[i] = s.await(ctx, p)
	}
	return errs
}

// setAll sets all of errs to err.
func setAll(errs []error, err error) {
	for i := range errs {
		errs[i] = err
	}
}

// admitted returns how many of n sends may wait.
func (s *Sequencer) admitted(ctx context.Context, n int) int {
	waiting := s.Waiting()
	for i := range n {
		if !s.gate.Admits(ctx, waiting+i) {
			return i
		}
	}
	return n
}

// await returns what has become of a send in the queue.
func (s *Sequencer) await(ctx context.Context, p *pending) error {
	select {
	case err := <-p.done:
		return err
	case <-s.stopped:
		return p.afterStop()
	case <-ctx.Done():
		return p.giveUp()
	}
}

// Run commits sends until ctx is done and the queue is empty. The callers of Send
// should have stopped by then: a later Send returns ErrStopped.
func (s *Sequencer) Run(ctx context.Context) {
	defer close(s.stopped)
	for {
		select {
		case <-s.queue.ready:
			s.round()
		case <-ctx.Done():
			for s.Waiting() > 0 {
				s.queue.hurry()
				s.round()
			}
			return
		}
	}
}

// round commits a batch from the queue, if one is ready.
func (s *Sequencer) round() {
	if batch := s.queue.take(); len(batch) > 0 {
		defer s.gate.Round()()
		s.commit(batch)
	}
}
