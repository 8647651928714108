package sequencer_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	driver "github.com/go-sql-driver/mysql"

	"example.com/im/idl/chat"
	"example.com/im/rpc-server/sequencer"
	"example.com/im/rpc-server/store"
	"example.com/im/rpc-server/store/storetest"
)

func TestMain(m *testing.M) { os.Exit(storetest.Main(m)) }

// Concurrent senders on two instances: each message is stored once, at the time
// that its sender was told, and times increase within a chat.
func TestSend(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, open func() *store.Store) {
		const senders, each, chats = 16, 40, 4
		instances := []*sequencer.Sequencer{run(t, open(), sequencer.Options{}), run(t, open(), sequencer.Options{})}
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
			messages := all(t, open(), fmt.Sprintf("a:b%d", i))
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

// What waits while a commit is under way becomes one commit.
func TestSendsShareACommit(t *testing.T) {
	t.Parallel()
	st := storetest.Open(t, storetest.SQLite(t))
	commits := make(chan sequencer.Commit, 100)
	s := run(t, st, sequencer.Options{Observe: func(c sequencer.Commit) { commits <- c }})
	release := holdDatabase(t, st)
	first := send(t.Context(), s, message("a:b", "first"))
	<-commits // a conflict: the first message is in a batch
	var rest []<-chan error
	for range 20 {
		rest = append(rest, send(t.Context(), s, message("a:b", "x")))
	}
	await(t, func() bool { return s.Waiting() == len(rest) })
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
			sizes = append(sizes, c.Messages)
		}
	}
	if !slices.Equal(sizes, []int{1, 20}) {
		t.Errorf("commits of %v messages; want 1 and 20", sizes)
	}
}

// The queue is bounded, and what does not fit is not stored.
func TestQueueIsBounded(t *testing.T) {
	t.Parallel()
	st := storetest.Open(t, storetest.SQLite(t))
	s := sequencer.New(st, sequencer.Options{Queue: 3}) // does not run yet
	var queued []<-chan error
	for range 3 {
		queued = append(queued, send(t.Context(), s, message("a:b", "x")))
	}
	await(t, func() bool { return s.Waiting() == 3 })
	if err := s.Send(t.Context(), message("a:b", "too many")); !errors.Is(err, sequencer.ErrFull) {
		t.Errorf("Send = %v; want ErrFull", err)
	}
	start(t, s)
	for _, outcome := range queued {
		if err := <-outcome; err != nil {
			t.Error(err)
		}
	}
	if got := all(t, st, "a:b"); len(got) != 3 {
		t.Errorf("%d messages; want 3", len(got))
	}
}

// A caller who gives up while its message waits knows that it is not stored.
func TestExpiredInTheQueue(t *testing.T) {
	t.Parallel()
	st := storetest.Open(t, storetest.SQLite(t))
	s := sequencer.New(st, sequencer.Options{})
	ctx, cancel := context.WithCancel(t.Context())
	expired := send(ctx, s, message("a:b", "expired"))
	await(t, func() bool { return s.Waiting() == 1 })
	cancel()
	if err := <-expired; !errors.Is(err, sequencer.ErrExpired) {
		t.Errorf("Send = %v; want ErrExpired", err)
	}
	start(t, s)
	if err := s.Send(t.Context(), message("a:b", "next")); err != nil {
		t.Error(err)
	}
	if got := all(t, st, "a:b"); len(got) != 1 || got[0].Text != "next" {
		t.Errorf("messages = %v; want next alone", got)
	}
}

// A caller who gives up while its batch is under way does not know.
func TestTimeoutInABatch(t *testing.T) {
	t.Parallel()
	st := storetest.Open(t, storetest.SQLite(t))
	commits := make(chan sequencer.Commit, 100)
	s := run(t, st, sequencer.Options{Observe: func(c sequencer.Commit) { commits <- c }})
	release := holdDatabase(t, st)
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

// One message that the database refuses fails alone.
func TestBadMessageFailsAlone(t *testing.T) {
	t.Parallel()
	dsn := storetest.MySQL(t)
	st := storetest.Open(t, storetest.Dialector(t, dsn))
	s := sequencer.New(st, sequencer.Options{})
	outcomes := map[string]<-chan error{}
	for i := range 40 {
		text := fmt.Sprint(i)
		if i == 13 || i == 14 {
			text = strings.Repeat("x", 70_000+i) // longer than the column
		}
		outcomes[text] = send(t.Context(), s, message("a:b", text))
	}
	await(t, func() bool { return s.Waiting() == 40 })
	start(t, s)
	for text, outcome := range outcomes {
		err := <-outcome
		if bad := len(text) > 70_000; bad != (err != nil) || store.Unavailable(err) || errors.Is(err, store.ErrUnknown) {
			t.Errorf("Send of %d bytes = %v", len(text), err)
		}
	}
	if got := all(t, st, "a:b"); len(got) != 38 {
		t.Errorf("%d messages; want 38", len(got))
	}
}

// A conflict is tried again for those who wait, and forgotten for the others.
func TestConflictIsTriedAgain(t *testing.T) {
	t.Parallel()
	st := storetest.Open(t, storetest.Dialector(t, storetest.MySQL(t)))
	commits := make(chan sequencer.Commit, 100)
	s := sequencer.New(st, sequencer.Options{Observe: func(c sequencer.Commit) { commits <- c }})
	ctx, cancel := context.WithCancel(t.Context())
	waits := send(t.Context(), s, message("a:b", "waits"))
	leaves := send(ctx, s, message("a:b", "leaves"))
	await(t, func() bool { return s.Waiting() == 2 })
	release := holdDatabase(t, st)
	start(t, s)
	if c := <-commits; !errors.Is(c.Err, store.ErrConflict) || c.Messages != 2 {
		t.Errorf("commit = %+v; want a conflict of both messages", c)
	}
	cancel()
	if err := <-leaves; !errors.Is(err, sequencer.ErrTimeout) {
		t.Errorf("Send = %v; want ErrTimeout", err)
	}
	for c := <-commits; c.Messages != 1; c = <-commits { // it may be under way once more
	}
	release()
	if err := <-waits; err != nil {
		t.Error(err)
	}
	if got := all(t, st, "a:b"); len(got) != 1 || got[0].Text != "waits" {
		t.Errorf("messages = %v; want the one that was waited for", got)
	}
}

// When the database's answer to COMMIT is lost, the callers are told that it is
// not known, and the next batch is stored.
func TestUnknownCommit(t *testing.T) {
	t.Parallel()
	s, proxy, direct := throughProxy(t)
	proxy.SetRule(storetest.On("\x03COMMIT", storetest.Answer))
	if err := s.Send(t.Context(), message("a:b", "unknown")); !errors.Is(err, store.ErrUnknown) {
		t.Errorf("Send = %v; want ErrUnknown", err)
	}
	proxy.SetRule(storetest.On("\x03START TRANSACTION", storetest.Cut))
	if err := s.Send(t.Context(), message("a:b", "not stored")); !errors.Is(err, store.ErrUnavailable) {
		t.Errorf("Send = %v; want ErrUnavailable", err)
	}
	proxy.SetRule(nil)
	if err := s.Send(t.Context(), message("a:b", "next")); err != nil {
		t.Error(err)
	}
	got := all(t, direct, "a:b")
	if len(got) != 2 || got[0].Text != "unknown" || got[1].Text != "next" {
		t.Errorf("messages = %v; want unknown and next", got)
	}
}

// A keyed send whose COMMIT had no answer is tried again, and its key decides.
func TestUnknownCommitOfAKey(t *testing.T) {
	t.Parallel()
	for name, action := range map[string]storetest.Action{"stored": storetest.Answer, "not stored": storetest.Cut} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, proxy, direct := throughProxy(t)
			var once sync.Once
			proxy.SetRule(func(sent []byte) (a storetest.Action) {
				if strings.HasPrefix(string(sent[4:]), "\x03COMMIT") {
					once.Do(func() { a = action })
				}
				return a
			})
			m := message("a:b", "x")
			m.Key = "k"
			if err := s.Send(t.Context(), m); err != nil {
				t.Errorf("Send = %v", err)
			}
			if got := all(t, direct, "a:b"); len(got) != 1 || got[0].SendTime != m.SendTime {
				t.Errorf("messages = %v; want one at %d", got, m.SendTime)
			}
		})
	}
}

// If the database is gone after such a COMMIT, the outcome stays unknown: to say
// that nothing is stored would be a guess.
func TestUnknownStaysUnknown(t *testing.T) {
	t.Parallel()
	s, proxy, _ := throughProxy(t)
	proxy.SetRule(func(sent []byte) storetest.Action {
		switch {
		case strings.HasPrefix(string(sent[4:]), "\x03COMMIT"):
			proxy.Refuse()
			return storetest.Answer
		default:
			return storetest.Pass
		}
	})
	m := message("a:b", "x")
	m.Key = "k"
	if err := s.Send(t.Context(), m); !errors.Is(err, store.ErrUnknown) {
		t.Errorf("Send = %v; want ErrUnknown", err)
	}
}

// A key that comes again with another message fails alone.
func TestKeyReused(t *testing.T) {
	t.Parallel()
	s := run(t, storetest.Open(t, storetest.SQLite(t)), sequencer.Options{})
	for i, want := range []error{nil, store.ErrKeyReused} {
		m := message("a:b", fmt.Sprint(i))
		m.Key = "k"
		if err := s.Send(t.Context(), m); !errors.Is(err, want) {
			t.Errorf("Send = %v; want %v", err, want)
		}
	}
}

// A stop commits what was accepted and refuses what comes later.
func TestStop(t *testing.T) {
	t.Parallel()
	st := storetest.Open(t, storetest.SQLite(t))
	s := sequencer.New(st, sequencer.Options{})
	var accepted []<-chan error
	for range 1000 { // several batches
		accepted = append(accepted, send(t.Context(), s, message("a:b", "x")))
	}
	await(t, func() bool { return s.Waiting() == 1000 })
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
	if got := all(t, st, "a:b"); len(got) != 1000 {
		t.Errorf("%d messages; want 1000", len(got))
	}
}

// throughProxy returns a sequencer whose store is behind a proxy, and a store on
// the same database that is not.
func throughProxy(t *testing.T) (*sequencer.Sequencer, *storetest.Proxy, *store.Store) {
	t.Helper()
	dsn := storetest.MySQL(t)
	c, err := driver.ParseDSN(dsn)
	if err != nil {
		t.Fatal(err)
	}
	proxy := storetest.NewProxy(t, c.Addr)
	c.Addr = proxy.Addr()
	s := run(t, storetest.Open(t, storetest.Dialector(t, c.FormatDSN())), sequencer.Options{})
	return s, proxy, storetest.Open(t, storetest.Dialector(t, dsn))
}

// run returns a running sequencer.
func run(t *testing.T, st *store.Store, o sequencer.Options) *sequencer.Sequencer {
	t.Helper()
	s := sequencer.New(st, o)
	start(t, s)
	return s
}

// start runs s for the length of the test.
func start(t *testing.T, s *sequencer.Sequencer) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		s.Run(ctx)
	}()
	t.Cleanup(func() {
		cancel()
		<-done
	})
}

// send sends in the background.
func send(ctx context.Context, s *sequencer.Sequencer, m *store.Send) <-chan error {
	outcome := make(chan error, 1)
	go func() { outcome <- s.Send(ctx, m) }()
	return outcome
}

// holdDatabase keeps every commit from getting its lanes until release is called.
func holdDatabase(t *testing.T, st *store.Store) (release func()) {
	t.Helper()
	tx, err := st.DB().Begin()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tx.Exec("UPDATE lanes SET last_send_time = last_send_time"); err != nil {
		t.Fatal(err)
	}
	return func() {
		if err := tx.Rollback(); err != nil {
			t.Error(err)
		}
	}
}

// await polls until the condition holds.
func await(t *testing.T, condition func() bool) {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Second); !condition(); {
		if time.Now().After(deadline) {
			t.Fatal("the condition never held")
		}
		time.Sleep(time.Millisecond)
	}
}

func message(name, text string) *store.Send {
	return &store.Send{Message: store.Message{Chat: chat.Name(name), Sender: "a", Text: text}}
}

// all reads a chat from its first message on.
func all(t *testing.T, st *store.Store, name string) []store.Message {
	t.Helper()
	var messages []store.Message
	for q := (store.Query{Chat: chat.Name(name), Limit: chat.MaxLimit}); ; {
		page, err := st.Page(t.Context(), q)
		if err != nil {
			t.Fatal(err)
		}
		messages = append(messages, page.Messages...)
		q.Cursor = page.NextCursor
		if !page.HasMore {
			return messages
		}
	}
}
