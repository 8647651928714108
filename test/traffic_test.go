package test

import (
	"context"
	"fmt"
	"net/http"
	"sync"
	"testing"
	"time"

	"example.com/im/test/process"
)

// defaultPoll is how often readers look where nothing depends on it.
const defaultPoll = 10 * time.Millisecond

// retryDelay is between two tries of a request that was refused, or failed.
const retryDelay = 50 * time.Millisecond

// traffic is what a few chats' senders and readers do and see, from startTraffic
// to finish. There is one reader for each chat, which follows next_cursor alone.
type traffic struct {
	client  *client  // of the readers
	routes  []poster // of the senders
	chats   []*chatTraffic
	pause   time.Duration // between two messages of a sender
	poll    time.Duration // between two looks of a reader that has read all
	senders sync.WaitGroup
	readers sync.WaitGroup
	stop    chan struct{} // closed: no further message
	sent    chan struct{} // closed: all is sent
}

// poster is a way to send a message.
type poster func(ctx context.Context, chat, sender, text string) (reply, error)

// startTraffic starts senders senders, spread over chats chats and over the
// routes: that through the client, and further ones.
func startTraffic(t *testing.T, c *client, chats, senders int, pause, poll time.Duration, routes ...poster) *traffic {
	t.Helper()
	tr := &traffic{
		client: c, routes: append(routes, c.post), pause: pause, poll: poll,
		stop: make(chan struct{}), sent: make(chan struct{}),
	}
	for range chats {
		ct := &chatTraffic{chat: newChat(), acknowledged: map[string]int64{}, unknown: map[string]bool{}}
		tr.chats = append(tr.chats, ct)
		tr.readers.Go(func() { tr.read(t, ct) })
	}
	for i := range senders {
		tr.senders.Go(func() { tr.send(t, tr.chats[i%chats], i) })
	}
	t.Cleanup(tr.end)
	return tr
}

// end ends the senders, and the readers when they have read all.
func (tr *traffic) end() {
	select {
	case <-tr.stop:
		return
	default:
	}
	close(tr.stop)
	tr.senders.Wait()
	close(tr.sent)
	tr.readers.Wait()
}

// finish ends the traffic and checks what was delivered.
func (tr *traffic) finish(t *testing.T) {
	t.Helper()
	tr.end()
	total := 0
	for _, ct := range tr.chats {
		ct.check(t)
		ct.checkAgain(t, tr.client)
		total += len(ct.acknowledged)
	}
	if total == 0 {
		t.Error("no message was acknowledged")
	}
	t.Logf("%d messages acknowledged, %d requests failed", total, len(tr.failures()))
}

// awaitFlow waits until each chat has some further messages acknowledged and
// read.
func (tr *traffic) awaitFlow(t *testing.T, timeout time.Duration) {
	t.Helper()
	for i, ct := range tr.chats {
		const further = 5
		want := ct.sends.Load() + further
		process.Await(t, timeout, fmt.Sprintf("messages in chat %d", i), func() bool {
			return ct.sends.Load() >= want && ct.reads.Load() >= want
		})
	}
}

// flowFor waits for d, in which the flow must not end.
func (tr *traffic) flowFor(t *testing.T, d time.Duration) {
	t.Helper()
	for end := time.Now().Add(d); time.Now().Before(end); {
		tr.awaitFlow(t, 10*time.Second)
	}
}

// failures returns the requests that were not answered 200.
func (tr *traffic) failures() []string {
	var all []string
	for _, ct := range tr.chats {
		ct.mu.Lock()
		all = append(all, ct.failures...)
		ct.mu.Unlock()
	}
	return all
}

// send sends messages to a chat until the traffic stops.
func (tr *traffic) send(t *testing.T, ct *chatTraffic, sender int) {
	route := tr.routes[sender%len(tr.routes)]
	for n := 0; ; n++ {
		text := fmt.Sprintf("%d of sender %d", n, sender)
		wait := tr.pause
		for !ct.sendOnce(t, route, text) {
			wait = retryDelay
			if !tr.goesOn(retryDelay) {
				return
			}
		}
		if !tr.goesOn(wait) {
			return
		}
	}
}

// goesOn waits, and reports whether the traffic goes on.
func (tr *traffic) goesOn(wait time.Duration) bool {
	select {
	case <-tr.stop:
		return false
	case <-time.After(wait):
		return true
	}
}

// read follows a chat until it has read all that was sent.
func (tr *traffic) read(t *testing.T, ct *chatTraffic) {
	var cursor int64
	for last := false; ; {
		r, err := tr.client.call(t.Context(), http.MethodGet, "/api/pull?"+query("chat", ct.chat, "cursor", cursor, "limit", 20), "")
		var p page
		switch {
		case t.Context().Err() != nil:
			return
		case err != nil || r.status != http.StatusOK:
			ct.failed(failure("pull", r, err))
			time.Sleep(retryDelay)
			continue
		case strictly(r.body, &p) != nil:
			t.Errorf("pull: %s", r.body)
			return
		}
		ct.messages = append(ct.messages, p.Messages...)
		ct.reads.Add(int64(len(p.Messages)))
		cursor = p.NextCursor
		if p.HasMore {
			continue
		}
		if last {
			return
		}
		select {
		case <-tr.sent:
			last = true // the next page without more is the end
		case <-time.After(tr.poll):
		}
	}
}
