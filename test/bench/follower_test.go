package bench

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"time"

	"example.com/im/test/bench/load"
)

// A follower is a chat with a sender and with readers that wait for each message.
type follower struct {
	chat    int
	cursor  int64
	sender  *load.Client
	readers map[string]*load.Client
	sends   uint64
}

func newFollower(sender *system, readers map[string]*system, chat int, cursor int64) *follower {
	f := &follower{chat: chat, cursor: cursor, sender: load.NewClient(sender.url), readers: make(map[string]*load.Client)}
	for name, s := range readers {
		f.readers[name] = load.NewClient(s.url)
	}
	return f
}

func (f *follower) close() {
	f.sender.Close()
	for _, r := range f.readers {
		r.Close()
	}
}

// seen is when a reader has seen what.
type seen struct {
	name  string
	at    time.Time
	found bool
	err   error
}

// exchange sends a message once all readers wait. It returns how long after the
// acknowledgement each reader has seen it.
func (f *follower) exchange(ctx context.Context) (map[string]time.Duration, error) {
	answers := make(chan seen, len(f.readers))
	for name, r := range f.readers {
		go func() { answers <- f.wait(ctx, name, r) }()
	}
	// At any time of an instance's rhythm, and not before the readers wait.
	time.Sleep(30*time.Millisecond + rand.N(100*time.Millisecond)) // what is simulated
	f.sends++
	status, body, err := f.sender.Do(ctx, load.SendTo(func(uint64) int { return f.chat }), f.sends, waitTimeout)
	acknowledged := time.Now()
	delays := make(map[string]time.Duration)
	for range f.readers {
		answer := <-answers
		switch {
		case answer.err != nil:
			return nil, fmt.Errorf("%s: %w", answer.name, answer.err)
		case !answer.found:
			return nil, fmt.Errorf("%s: an empty page, though a message was sent", answer.name)
		}
		delays[answer.name] = answer.at.Sub(acknowledged)
	}
	var sent struct {
		SendTime int64 `json:"send_time"`
	}
	if err != nil || status != http.StatusOK || json.Unmarshal(body, &sent) != nil {
		return nil, fmt.Errorf("send: %d, %w: %.300s", status, err, body)
	}
	f.cursor = sent.SendTime + 1
	return delays, nil
}

// wait waits for the next message.
func (f *follower) wait(ctx context.Context, name string, r *load.Client) seen {
	status, body, err := r.Do(ctx, load.Wait(waitMS, func(uint64) (int, int64) { return f.chat, f.cursor }), 0, waitTimeout)
	s := seen{name: name, at: time.Now(), err: err}
	if err == nil && status != http.StatusOK {
		s.err = fmt.Errorf("status %d: %.300s", status, body)
	}
	var page struct{ Messages []struct{} }
	s.found = s.err == nil && json.Unmarshal(body, &page) == nil && len(page.Messages) > 0
	return s
}
