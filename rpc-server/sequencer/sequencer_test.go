package sequencer_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"example.com/im/rpc-server/sequencer"
	"example.com/im/rpc-server/store"
	"example.com/im/rpc-server/store/storetest"
)

// Concurrent senders on two instances: each message is stored once, at the time that
// its sender was told, and times increase within a chat.
func TestSend(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, open func() *store.Store) {
		const senders, each, chats = 16, 40, 4
		instances := []*sequencer.Sequencer{run(t, open(), sequencer.Config{Settings: settings}), run(t, open(), sequencer.Config{Settings: settings})}
		var mu sync.Mutex
		told := map[string]int64{}
		var wg sync.WaitGroup
		for s := range senders {
			wg.Go(func() {
				for i := range each {
					m := message(fmt.Sprintf("a:b%d", i%chats), fmt.Sprintf("%d-%d", s, i))
					if err := instances[s%2].Send(t.Context(), m); err != nil {
						t.Error(err)
						return
					}
					mu.Lock()
					told[m.Text] = m.SendTime
					mu.Unlock()
				}
			})
		}
		wg.Wait()
		stored := 0
		for i := range chats {
			messages := storetest.All(t, open(), fmt.Sprintf("a:b%d", i))
			stored += len(messages)
			for _, m := range messages {
				if told[m.Text] != m.SendTime {
					t.Errorf("%s is stored at %d; its sender was told %d", m.Text, m.SendTime, told[m.Text])
				}
			}
			if !slices.IsSortedFunc(messages, func(a, b store.Message) int { return int(a.SendTime - b.SendTime) }) {
				t.Errorf("times of chat %d do not increase", i)
			}
		}
		if stored != senders*each {
			t.Errorf("%d messages; want %d", stored, senders*each)
		}
	})
}

// Sends that wait while a commit is under way share the next one.
func TestSendsShareACommit(t *testing.T) {
	t.Parallel()
	st := storetest.Open(t, storetest.SQLite(t))
	commits := make(chan sequencer.Commit, 100)
	s := run(t, st, sequencer.Config{Settings: settings, End: func(c sequencer.Commit) { commits <- c }})
	release := storetest.Hold(t, st)
	first := send(t.Context(), s, message("a:b", "first"))
	<-commits // a conflict: the first message is in a batch
	var rest []<-chan error
	for range 20 {
		rest = append(rest, send(t.Context(), s, message("a:b", "x")))
	}
	storetest.Await(t, func() bool { return s.Waiting() == len(rest) })
	release()
	for _, outcome := range append(rest, first) {
		if err := <-outcome; err != nil {
			t.Error(err)
		}
	}
	close(commits)
	var sizes []int
	for c := range commits {
		if c.Err == nil {
			sizes = append(sizes, len(c.Sends))
		}
	}
	if !slices.Equal(sizes, []int{1, 20}) {
		t.Errorf("commits of %v messages; want 1 and 20", sizes)
	}
}

// The queue is bounded. A send that does not fit is not stored.
func TestQueueIsBounded(t *testing.T) {
	t.Parallel()
	st := storetest.Open(t, storetest.SQLite(t))
	s := sequencer.New(st, sequencer.Config{Settings: sequencer.Settings{Queue: 3}}) // does not run yet
	var queued []<-chan error
	for range 3 {
		queued = append(queued, send(t.Context(), s, message("a:b", "x")))
	}
	storetest.Await(t, func() bool { return s.Waiting() == 3 })
	if err := s.Send(t.Context(), message("a:b", "too many")); !errors.Is(err, sequencer.ErrFull) {
		t.Errorf("Send = %v; want ErrFull", err)
	}
	start(t, s)
	for _, outcome := range queued {
		if err := <-outcome; err != nil {
			t.Error(err)
		}
	}
	if got := storetest.All(t, st, "a:b"); len(got) != 3 {
		t.Errorf("%d messages; want 3", len(got))
	}
}

// Where a commit takes long, a queue that is far from full is too long already for
// callers with little time. They are refused at once, and commits stay full.
func TestRefusesWhatWouldWaitTooLong(t *testing.T) {
	t.Parallel()
	st := storetest.Open(t, storetest.SQLite(t))
	commits := make(chan sequencer.Commit, 100)
	s := run(t, st, sequencer.Config{Settings: settings, End: func(c sequencer.Commit) { commits <- c }})
	release := storetest.Hold(t, st)
	accepted := []<-chan error{send(t.Context(), s, message("a:b", "first"))}
	<-commits // a conflict, after a time-out of 2 s: behind a full batch it would take 4 s
	short, cancel := context.WithTimeout(t.Context(), 15*time.Second)
	defer cancel()
	long, cancel := context.WithTimeout(t.Context(), time.Hour)
	defer cancel()
	for range store.MaxBatch {
		accepted = append(accepted, send(short, s, message("a:b", "a full batch")))
	}
	storetest.Await(t, func() bool { return s.Waiting() == store.MaxBatch })
	if err := s.Send(short, message("a:b", "too long a wait")); !errors.Is(err, sequencer.ErrBusy) {
		t.Errorf("Send = %v; want ErrBusy", err)
	}
	accepted = append(accepted, send(long, s, message("a:b", "has time")))
	storetest.Await(t, func() bool { return s.Waiting() == store.MaxBatch+1 })
	release()
	for _, outcome := range accepted {
		if err := <-outcome; err != nil {
			t.Error(err)
		}
	}
	if got := storetest.All(t, st, "a:b"); len(got) != len(accepted) {
		t.Errorf("%d messages; want %d", len(got), len(accepted))
	}
}

// A caller who gives up while its message waits knows that it is not stored.
func TestExpiredInTheQueue(t *testing.T) {
	t.Parallel()
	st := storetest.Open(t, storetest.SQLite(t))
	s := sequencer.New(st, sequencer.Config{Settings: settings})
	ctx, cancel := context.WithCancel(t.Context())
	expired := send(ctx, s, message("a:b", "expired"))
	storetest.Await(t, func() bool { return s.Waiting() == 1 })
	cancel()
	if err := <-expired; !errors.Is(err, sequencer.ErrExpired) {
		t.Errorf("Send = %v; want ErrExpired", err)
	}
	start(t, s)
	if err := s.Send(t.Context(), message("a:b", "next")); err != nil {
		t.Error(err)
	}
	if got := storetest.All(t, st, "a:b"); len(got) != 1 || got[0].Text != "next" {
		t.Errorf("messages = %v; want next alone", got)
	}
}

// A caller who gives up while its batch is under way does not know.
func TestTimeoutInABatch(t *testing.T) {
	t.Parallel()
	st := storetest.Open(t, storetest.SQLite(t))
	commits := make(chan sequencer.Commit, 100)
	s := run(t, st, sequencer.Config{Settings: settings, End: func(c sequencer.Commit) { commits <- c }})
	release := storetest.Hold(t, st)
	ctx, cancel := context.WithCancel(t.Context())
	outcome := send(ctx, s, message("a:b", "x"))
	<-commits // a conflict: the message is in a batch
	cancel()
	if err := <-outcome; !errors.Is(err, sequencer.ErrTimeout) {
		t.Errorf("Send = %v; want ErrTimeout", err)
	}
	release()
	if err := s.Send(t.Context(), message("a:b", "next")); err != nil {
		t.Error(err)
	}
}

// A stop commits accepted sends and refuses later ones.
func TestStop(t *testing.T) {
	t.Parallel()
	st := storetest.Open(t, storetest.SQLite(t))
	s := sequencer.New(st, sequencer.Config{Settings: settings})
	var accepted []<-chan error
	for range 1000 { // several batches
		accepted = append(accepted, send(t.Context(), s, message("a:b", "x")))
	}
	storetest.Await(t, func() bool { return s.Waiting() == 1000 })
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	s.Run(ctx)
	for _, outcome := range accepted {
		if err := <-outcome; err != nil {
			t.Error(err)
		}
	}
	if err := s.Send(t.Context(), message("a:b", "late")); !errors.Is(err, sequencer.ErrStopped) {
		t.Errorf("Send = %v; want ErrStopped", err)
	}
	if got := storetest.All(t, st, "a:b"); len(got) != 1000 {
		t.Errorf("%d messages; want 1000", len(got))
	}
}
