package bench

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"strings"
	"time"

	"example.com/im/test/bench/load"
	"example.com/im/test/bench/message"
)

// A follower is a chat with a sender and with readers that wait for each message: by
// pulls of the chat, and by syncs of one of its members.
type follower struct {
	chat    int
	cursor  int64
	sender  *load.Client
	readers map[string]*reader
	sends   uint64
}

// A reader waits for messages.
type reader struct {
	*load.Client
	member string // "": it pulls
	cursor string // of its syncs
}

func newFollower(sender *system, readers map[string]*system, chat int, cursor int64, inbox string) *follower {
	f := &follower{chat: chat, cursor: cursor, sender: load.NewClient(sender.url), readers: make(map[string]*reader)}
	member, _, _ := strings.Cut(message.Chat(chat), ":")
	for name, s := range readers {
		f.readers[name] = &reader{Client: load.NewClient(s.url)}
		f.readers[name+bySync] = &reader{load.NewClient(s.url), member, inbox}
	}
	return f
}

// bySync ends the names of readers that sync.
const bySync = ", by sync"

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
func (f *follower) wait(ctx context.Context, name string, r *reader) seen {
	request := load.Wait(waitMS, func(uint64) (int, int64) { return f.chat, f.cursor })
	if r.member != "" {
		request = load.Get(func(uint64) string {
			return fmt.Sprintf("/api/sync?member=%s&wait_ms=%d&cursor=%s", r.member, waitMS, r.cursor)
		})
	}
	status, body, err := r.Do(ctx, request, 0, waitTimeout)
	s := seen{name: name, at: time.Now(), err: err}
	if err == nil && status != http.StatusOK {
		s.err = fmt.Errorf("status %d: %.300s", status, body)
	}
	var page struct {
		Messages   []struct{}
		NextCursor json.RawMessage `json:"next_cursor"` // a number or a string
	}
	s.found = s.err == nil && json.Unmarshal(body, &page) == nil && len(page.Messages) > 0
	r.cursor = strings.Trim(string(page.NextCursor), `"`)
	return s
}
