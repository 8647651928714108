package tail_test

import (
	"context"
	"flag"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"example.com/im/idl/chat"
	"example.com/im/idl/daemon"
	"example.com/im/rpc-server/sequencer"
	"example.com/im/rpc-server/store"
	"example.com/im/rpc-server/store/storetest"
	"example.com/im/rpc-server/tail"
)

var pulls = flag.Int("pulls", 10_000, "pulls in the test for stale reads")

const (
	services   = 3
	chatsInAll = 24
	senders    = 6
	readers    = 24
	rest       = 20 * time.Millisecond // of a sender, at most, so that memory is of use
	longest    = 30 * time.Minute
)

// All instances send to all chats. The page of a pull on any instance holds whatever
// was acknowledged before the pull started (P3), and a reader that follows a chat
// misses nothing (P1).
func TestNoPullIsStale(t *testing.T) {
	t.Parallel()
	r := newRace(t)
	r.run(t, func() bool { return r.pulls.Load() >= int64(*pulls) })
	s := r.stats()
	t.Logf("%v; %+v", r, s)
	if r.stale.Load() != 0 || r.skipped.Load() != 0 {
		t.Errorf("%v; want no stale pull, and nothing skipped", r)
	}
	if 10*s.Memory < uint64(r.pulls.Load()) {
		t.Errorf("Stats = %+v; want at least every tenth pull from memory", s)
	}
}

// Without the lane read, pulls are stale: the test above can fail.
func TestPullsAreStaleWithoutTheLaneRead(t *testing.T) {
	t.Parallel()
	r := newRace(t)
	for _, s := range r.services {
		s.WrapLaneReads(func(tail.LaneReader) tail.LaneReader {
			return func() (store.Lanes, error) { return store.Lanes{}, nil } // nothing is ever newer than memory
		})
	}
	r.run(t, func() bool { return r.stale.Load() >= 10 })
	t.Log(r)
}

// service is an instance with its sequencer.
type service struct {
	*instance
	sequencer *sequencer.Sequencer
}

// race is services on one database, with senders and readers of the same chats.
type race struct {
	services []service
	chats    [chatsInAll]chat.Name
	acked    [chatsInAll]atomic.Int64 // the latest send_time that a sender was told

	sent, pulls, stale, skipped atomic.Int64
}

// String tells what has happened.
func (r *race) String() string {
	return fmt.Sprintf("%d pulls, %d messages, %d pulls stale, %d messages skipped by followers",
		r.pulls.Load(), r.sent.Load(), r.stale.Load(), r.skipped.Load())
}

func newRace(t *testing.T) *race {
	t.Helper()
	dsn := storetest.MySQL(t)
	r := &race{}
	for range services {
		i := newInstance(storetest.Open(t, storetest.Dialector(t, dsn)), limit)
		q := sequencer.New(i.store, sequencer.Config{
			Settings: daemon.Default[sequencer.Settings](),
			Begin:    i.Begin, End: func(c sequencer.Commit) { i.End(c.Sends, c.Err) },
		})
		ctx, cancel := context.WithCancel(context.Background())
		stopped := make(chan struct{})
		go func() { defer close(stopped); q.Run(ctx) }()
		t.Cleanup(func() { cancel(); <-stopped })
		r.services = append(r.services, service{i, q})
	}
	for n := range r.chats {
		r.chats[n] = chat.Name(fmt.Sprintf("a:b%d", n))
	}
	return r
}

// run sends and reads until enough, and then lets the followers reach the end.
func (r *race) run(t *testing.T, enough func() bool) {
	t.Helper()
	stop := make(chan struct{})
	var sending, reading sync.WaitGroup
	for range senders {
		sending.Go(func() { r.send(t, stop) })
	}
	followers := make([]follower, readers)
	for n := range followers {
		followers[n].chat = n % chatsInAll
		reading.Go(func() {
			for begin := time.Now(); !enough() && !t.Failed(); {
				r.probe(t)
				r.follow(t, &followers[n])
				if time.Since(begin) > longest {
					t.Errorf("not enough after %d pulls and %v", r.pulls.Load(), longest)
				}
			}
		})
	}
	reading.Wait()
	close(stop)
	sending.Wait()
	for n := range followers {
		r.finish(t, &followers[n])
	}
}

// send sends to random chats through random services until stop.
func (r *race) send(t *testing.T, stop <-chan struct{}) {
	for {
		n := rand.IntN(chatsInAll)
		m := &store.Send{Message: store.Message{Chat: r.chats[n], Sender: "a", Text: "x"}}
		if err := r.service().sequencer.Send(t.Context(), m); err != nil {
			t.Errorf("Send = %v", err)
			return
		}
		r.sent.Add(1)
		for was := r.acked[n].Load(); was < m.SendTime && !r.acked[n].CompareAndSwap(was, m.SendTime); {
			was = r.acked[n].Load()
		}
		select {
		case <-stop:
			return
		case <-time.After(rand.N(rest)):
		}
	}
}

// probe pulls a random chat through a random service. The page must hold the latest
// message that was acknowledged before.
func (r *race) probe(t *testing.T) {
	n := rand.IntN(chatsInAll)
	acked := r.acked[n].Load()
	q := store.Query{Chat: r.chats[n], Limit: 1 + rand.IntN(20), Reverse: true}
	if rand.IntN(2) == 0 {
		q.Cursor, q.Reverse = acked, false
	}
	page := r.page(t, q)
	switch first := first(page); {
	case acked == 0:
	case q.Reverse && first < acked, !q.Reverse && first != acked:
		r.stale.Add(1)
	}
}

// A follower reads a chat from its beginning on, page by page.
type follower struct {
	chat   int
	cursor int64
	read   int
}

// follow reads one page.
func (r *race) follow(t *testing.T, f *follower) store.Page {
	page := r.page(t, store.Query{Chat: r.chats[f.chat], Cursor: f.cursor, Limit: 20})
	f.cursor = page.NextCursor
	f.read += len(page.Messages)
	return page
}

// finish follows to the end, and compares the count with what is stored.
func (r *race) finish(t *testing.T, f *follower) {
	t.Helper()
	for more := true; more; {
		more = r.follow(t, f).HasMore
	}
	if all := storetest.All(t, r.services[0].store, string(r.chats[f.chat])); len(all) != f.read {
		r.skipped.Add(int64(len(all) - f.read))
	}
}

// page pulls through a random service.
func (r *race) page(t *testing.T, q store.Query) store.Page {
	r.pulls.Add(1)
	page, err := r.service().Page(t.Context(), q)
	if err != nil {
		t.Errorf("Page = %v", err)
	}
	return page
}

func (r *race) service() service { return r.services[rand.IntN(len(r.services))] }

// stats returns the sum over all services.
func (r *race) stats() (sum tail.Stats) {
	for _, service := range r.services {
		s := service.Stats()
		sum.Memory += s.Memory
		sum.Loads += s.Loads
		sum.Index += s.Index
		sum.LaneReads += s.LaneReads
		sum.Forgotten += s.Forgotten
	}
	return sum
}

// first returns the time of a page's first message, or 0.
func first(page store.Page) int64 {
	if len(page.Messages) == 0 {
		return 0
	}
	return page.Messages[0].SendTime
}
