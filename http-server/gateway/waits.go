package gateway

import (
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"example.com/im/http-server/fault"
	"example.com/im/idl/chat"
)

// maxLooks is how many readers that were woken pull at a time. Waking thousands at
// once must not open as many connections.
const maxLooks = 64

// Why readers are woken, as the metric has it.
const (
	wokenByNews   = "news"   // an rpc-server tells of their chat
	wokenByOthers = "others" // somebody has written in their lane
	wokenByLoss   = "lost"   // some news may have been missed
	wokenByDrain  = "drain"  // the gateway is about to stop
)

// waits are the readers that wait for a message, by chat. A reader registers
// first and then looks, so that it cannot miss what arrives in between.
type waits struct {
	most     int64
	count    atomic.Int64
	draining atomic.Bool
	looks    chan struct{} // holds one for each reader that was woken and looks
	woken    func(reason string, readers int)
	shed     prometheus.Counter // readers that are too many
	lanes    [chat.Lanes]waitingLane

	mu      sync.Mutex
	present chan struct{} // closed while there are readers
}

// waitingLane is the readers of a lane's chats.
type waitingLane struct {
	mu      sync.Mutex
	readers map[chat.Name]map[*waiter]struct{}
	known   spans // what of the lane's time is accounted for
}

func newWaits(most int, woken func(reason string, readers int), shed prometheus.Counter) *waits {
	return &waits{
		most:    int64(most),
		looks:   make(chan struct{}, maxLooks),
		woken:   woken,
		shed:    shed,
		present: make(chan struct{}),
	}
}

// add registers a reader for the time given, unless there are too many. It leaves
// by [waiter.leave].
func (w *waits) add(name chat.Name, conn *conn, wait time.Duration) (*waiter, error) {
	if w.count.Add(1) > w.most {
		w.gone()
		w.shed.Inc()
		return nil, &fault.Error{Code: fault.Unavailable, Message: "too many readers are waiting: try again"}
	}
	r := &waiter{waits: w, name: name, conn: conn, until: time.Now().Add(wait), signal: make(chan struct{}, 1)}
	lane := r.lane()
	lane.mu.Lock()
	if lane.readers == nil {
		lane.readers = make(map[chat.Name]map[*waiter]struct{})
	}
	if lane.readers[name] == nil {
		lane.readers[name] = make(map[*waiter]struct{}, 1)
	}
	lane.readers[name][r] = struct{}{}
	lane.mu.Unlock()
	w.settle()
	return r, nil
}

// gone notes that a reader is no more.
func (w *waits) gone() {
	w.count.Add(-1)
	w.settle()
}

// settle makes present say whether there are readers.
func (w *waits) settle() {
	w.mu.Lock()
	defer w.mu.Unlock()
	select {
	case <-w.present:
		if w.count.Load() == 0 {
			w.present = make(chan struct{})
		}
	default:
		if w.count.Load() > 0 {
			close(w.present)
		}
	}
}

// somebody returns a channel that is closed when there are readers.
func (w *waits) somebody() <-chan struct{} {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.present
}

// wake wakes the readers of a chat.
func (w *waits) wake(name chat.Name) {
	lane := &w.lanes[name.Lane()]
	lane.mu.Lock()
	defer lane.mu.Unlock()
	w.woken(wokenByNews, len(lane.readers[name]))
	wakeAll(lane.readers[name])
}

// wakeEverybody wakes all readers.
func (w *waits) wakeEverybody(reason string) {
	for i := range w.lanes {
		lane := &w.lanes[i]
		lane.mu.Lock()
		w.wakeLane(lane, reason)
		lane.mu.Unlock()
	}
}

// wakeLane wakes the readers of all chats of a lane, under its mu.
func (w *waits) wakeLane(lane *waitingLane, reason string) {
	for _, readers := range lane.readers {
		w.woken(reason, len(readers))
		wakeAll(readers)
	}
}

// wakeAll wakes readers, under their lane's mu.
func wakeAll(readers map[*waiter]struct{}) {
	for r := range readers {
		select {
		case r.signal <- struct{}{}:
		default:
		}
		if r.asleep {
			r.conn.interrupt()
		}
	}
}

// drain lets no reader wait any longer, and none wait that comes.
func (w *waits) drain() {
	w.draining.Store(true)
	w.wakeEverybody(wokenByDrain)
}

// awaitNobody waits until all readers have been answered, or the time is up.
func (w *waits) awaitNobody(longest time.Duration) {
	for end := time.Now().Add(longest); w.count.Load() > 0 && time.Now().Before(end); {
		<-time.After(hangUpInterval)
	}
}
