package wait

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"example.com/im/http-server/fault"
	"example.com/im/idl/chat"
)

const (
	// maxLooks is how many readers that were woken look at a time. Thousands that are
	// woken at once must not open as many connections to rpc-servers.
	maxLooks = 64
	// leavingInterval is how often AwaitNobody looks whether readers are still there.
	leavingInterval = 20 * time.Millisecond
)

// Settings say how many readers may wait, for kong.
type Settings struct {
	Most int `name:"max-waiting" env:"MAX_WAITING" default:"20000" help:"Most pulls and syncs that wait for something new (wait_ms); more are answered 503. They are none of MAX_REQUESTS while they wait."`
}

// Validate implements kong's hook.
func (s Settings) Validate() error {
	if s.Most < 1 {
		return errors.New("MAX_WAITING must be at least 1")
	}
	return nil
}

// Config is what a room needs.
type Config struct {
	Settings
	Watch      WatchFunc          // asks an rpc-server for news
	Shed       prometheus.Counter // readers that are too many
	Log        *slog.Logger
	Registerer prometheus.Registerer
}

// Room has the readers that wait. It is safe for concurrent use.
type Room struct {
	limit    int64 // of readers
	count    atomic.Int64
	draining atomic.Bool
	looks    chan struct{} // holds one for each reader that was woken and may look
	shed     prometheus.Counter
	metrics  *metrics
	sources  *sources
	seats    seats
	lanes    [chat.Lanes]accounts

	mu      sync.Mutex
	present chan struct{} // closed while there are readers
}

// NewRoom returns a room without readers. It fails if its metrics cannot be registered.
func NewRoom(cfg Config) (*Room, error) {
	r := &Room{
		limit:   int64(cfg.Most),
		looks:   make(chan struct{}, maxLooks),
		shed:    cfg.Shed,
		seats:   seats{readers: make(map[topic]map[*Reader]struct{}), most: groupsPerReader * cfg.Most},
		present: make(chan struct{}),
	}
	m, err := newMetrics(cfg.Registerer, r)
	if err != nil {
		return nil, fmt.Errorf("metrics: %w", err)
	}
	r.metrics = m
	r.sources = &sources{room: r, watch: cfg.Watch, log: cfg.Log, known: make(map[string]*source)}
	return r, nil
}

// Follow makes the rpc-servers at these addresses, and no others, the sources of news.
// The room asks them until ctx is done.
func (r *Room) Follow(ctx context.Context, addresses []string) { r.sources.follow(ctx, addresses) }

// EnterPull lets in a reader that waits for messages of a chat, at most as long as wait.
// If there are too many readers, it returns a fault with the code unavailable. The reader
// leaves by [Reader.Leave].
func (r *Room) EnterPull(name chat.Name, wait time.Duration) (*Reader, error) {
	return r.enter(ofPull(name), wait)
}

// EnterSync is EnterPull for a reader that waits for anything new for a member, whose name
// is in canonical form.
func (r *Room) EnterSync(member string, wait time.Duration) (*Reader, error) {
	return r.enter(ofSync(strings.Clone(member)), wait) // not the whole request that it is part of
}

// enter lets in a reader that waits for topics.
func (r *Room) enter(topics []topic, wait time.Duration) (*Reader, error) {
	if r.count.Add(1) > r.limit {
		r.gone()
		r.shed.Inc()
		return nil, &fault.Error{Code: fault.Unavailable, Message: "too many readers are waiting: try again"}
	}
	reader := &Reader{room: r, until: time.Now().Add(wait), signal: make(chan struct{}, 1)}
	r.seats.add(reader, topics)
	r.settle()
	return reader, nil
}

// gone notes that a reader has left.
func (r *Room) gone() {
	r.count.Add(-1)
	r.settle()
}

// settle makes present say whether there are readers.
func (r *Room) settle() {
	r.mu.Lock()
	defer r.mu.Unlock()
	select {
	case <-r.present:
		if r.count.Load() == 0 {
			r.present = make(chan struct{})
		}
	default:
		if r.count.Load() > 0 {
			close(r.present)
		}
	}
}

// somebody returns a channel that is closed when there are readers.
func (r *Room) somebody() <-chan struct{} {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.present
}

// wake wakes the readers that wait for any of some topics.
func (r *Room) wake(reason string, topics []topic) {
	woken := 0
	for _, reader := range r.seats.of(topics) {
		if reader.wake() {
			woken++
		}
	}
	r.metrics.woken(reason, woken)
}

// Drain ends the waits of all readers. A reader that comes later does not wait.
func (r *Room) Drain() {
	r.draining.Store(true)
	r.wake(wokenByDrain, everything())
}

// AwaitNobody waits until all readers have been answered, at most as long as longest.
func (r *Room) AwaitNobody(longest time.Duration) {
	for end := time.Now().Add(longest); r.count.Load() > 0 && time.Now().Before(end); {
		<-time.After(leavingInterval)
	}
}
