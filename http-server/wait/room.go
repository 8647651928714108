package wait

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"example.com/im/http-server/fault"
	"example.com/im/idl/chat"
)

const (
	// maxPulls is how many readers that were woken pull at a time. Thousands that are
	// woken at once must not open as many connections to rpc-servers.
	maxPulls = 64
	// leavingInterval is how often AwaitNobody looks whether readers are still there.
	leavingInterval = 20 * time.Millisecond
)

// Settings say how many readers may wait, for kong.
type Settings struct {
	Most int `name:"max-waiting" env:"MAX_WAITING" default:"20000" help:"Most pulls that wait for a message (wait_ms); more are answered 503. They are none of MAX_REQUESTS while they wait."`
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

// Room has the readers that wait for a message, by chat. It is safe for concurrent use.
type Room struct {
	most     int64
	count    atomic.Int64
	draining atomic.Bool
	pulls    chan struct{} // holds one for each reader that was woken and may pull
	shed     prometheus.Counter
	metrics  *metrics
	sources  *sources
	lanes    [chat.Lanes]lane

	mu      sync.Mutex
	present chan struct{} // closed while there are readers
}

// lane has the readers of a lane's chats.
type lane struct {
	mu      sync.Mutex
	readers map[chat.Name]map[*Reader]struct{}
	known   intervals // what of the lane's time is accounted for
}

// NewRoom returns a room without readers. It fails if its metrics cannot be registered.
func NewRoom(cfg Config) (*Room, error) {
	r := &Room{
		most:    int64(cfg.Most),
		pulls:   make(chan struct{}, maxPulls),
		shed:    cfg.Shed,
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

// Enter lets in a reader of a chat that waits at most as long as wait. If there are too
// many readers, it returns a fault with the code unavailable. The reader leaves by
// [Reader.Leave].
func (r *Room) Enter(name chat.Name, wait time.Duration) (*Reader, error) {
	if r.count.Add(1) > r.most {
		r.gone()
		r.shed.Inc()
		return nil, &fault.Error{Code: fault.Unavailable, Message: "too many readers are waiting: try again"}
	}
	reader := &Reader{room: r, name: name, until: time.Now().Add(wait), signal: make(chan struct{}, 1)}
	lane := reader.lane()
	lane.mu.Lock()
	if lane.readers == nil {
		lane.readers = make(map[chat.Name]map[*Reader]struct{})
	}
	if lane.readers[name] == nil {
		lane.readers[name] = make(map[*Reader]struct{}, 1)
	}
	lane.readers[name][reader] = struct{}{}
	lane.mu.Unlock()
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

// wake wakes the readers of a chat.
func (r *Room) wake(name chat.Name) {
	lane := &r.lanes[name.Lane()]
	lane.mu.Lock()
	defer lane.mu.Unlock()
	r.metrics.woken(wokenByNews, len(lane.readers[name]))
	wakeAll(lane.readers[name])
}

// wakeEverybody wakes all readers.
func (r *Room) wakeEverybody(reason string) {
	for i := range r.lanes {
		lane := &r.lanes[i]
		lane.mu.Lock()
		r.wakeLane(lane, reason)
		lane.mu.Unlock()
	}
}

// wakeLane wakes the readers of all chats of a lane. The caller holds its mu.
func (r *Room) wakeLane(lane *lane, reason string) {
	for _, readers := range lane.readers {
		r.metrics.woken(reason, len(readers))
		wakeAll(readers)
	}
}

// wakeAll wakes readers. The caller holds their lane's mu.
func wakeAll(readers map[*Reader]struct{}) {
	for reader := range readers {
		select {
		case reader.signal <- struct{}{}:
		default:
		}
		if reader.asleep {
			reader.conn.Interrupt()
		}
	}
}

// Drain ends the waits of all readers. A reader that comes later does not wait.
func (r *Room) Drain() {
	r.draining.Store(true)
	r.wakeEverybody(wokenByDrain)
}

// AwaitNobody waits until all readers have been answered, at most as long as longest.
func (r *Room) AwaitNobody(longest time.Duration) {
	for end := time.Now().Add(longest); r.count.Load() > 0 && time.Now().Before(end); {
		<-time.After(leavingInterval)
	}
}
