package sequencer_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"example.com/im/rpc-server/sequencer"
	"example.com/im/rpc-server/store"
	"example.com/im/rpc-server/store/storetest"
)

// A message that the database refuses fails alone.
func TestBadMessageFailsAlone(t *testing.T) {
	t.Parallel()
	dsn := storetest.MySQL(t)
	st := storetest.Open(t, storetest.Dialector(t, dsn))
	s := sequencer.New(st, sequencer.Config{Settings: settings})
	outcomes := map[string]<-chan error{}
	for i := range 40 {
		text := fmt.Sprint(i)
		if i == 13 || i == 14 {
			text = strings.Repeat("x", 70_000+i) // longer than the column
		}
		outcomes[text] = send(t.Context(), s, message("a:b", text))
	}
	storetest.Await(t, func() bool { return s.Waiting() == 40 })
	start(t, s)
	for text, outcome := range outcomes {
		err := <-outcome
		if bad := len(text) > 70_000; bad != (err != nil) || store.Unavailable(err) || errors.Is(err, store.ErrUnknown) {
			t.Errorf("Send of %d bytes = %v", len(text), err)
		}
	}
	if got := storetest.All(t, st, "a:b"); len(got) != 38 {
		t.Errorf("%d messages; want 38", len(got))
	}
}

// After a conflict the sends are tried again whose callers wait. The others are
// dropped.
func TestConflictIsTriedAgain(t *testing.T) {
	t.Parallel()
	st := storetest.Open(t, storetest.Dialector(t, storetest.MySQL(t)))
	commits := make(chan sequencer.Commit, 100)
	s := sequencer.New(st, sequencer.Config{Settings: settings, End: func(c sequencer.Commit) { commits <- c }})
	ctx, cancel := context.WithCancel(t.Context())
	waits := send(t.Context(), s, message("a:b", "waits"))
	leaves := send(ctx, s, message("a:b", "leaves"))
	storetest.Await(t, func() bool { return s.Waiting() == 2 })
	release := storetest.Hold(t, st)
	start(t, s)
	if c := <-commits; !errors.Is(c.Err, store.ErrConflict) || len(c.Sends) != 2 {
		t.Errorf("commit = %+v; want a conflict of both messages", c)
	}
	cancel()
	if err := <-leaves; !errors.Is(err, sequencer.ErrTimeout) {
		t.Errorf("Send = %v; want ErrTimeout", err)
	}
	<-commits // both may have been under way once more
	release()
	if err := <-waits; err != nil {
		t.Error(err)
	}
	if got := storetest.All(t, st, "a:b"); len(got) != 1 || got[0].Text != "waits" {
		t.Errorf("messages = %v; want the one that was waited for", got)
	}
}

// When the database's answer to COMMIT is lost, the callers are told that the outcome
// is not known. The next batch is stored.
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
	got := storetest.All(t, direct, "a:b")
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
			if got := storetest.All(t, direct, "a:b"); len(got) != 1 || got[0].SendTime != m.SendTime {
				t.Errorf("messages = %v; want one at %d", got, m.SendTime)
			}
		})
	}
}

// If the database is gone after such a COMMIT, the outcome stays unknown: nobody can
// say that nothing is stored.
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
	s := run(t, storetest.Open(t, storetest.SQLite(t)), sequencer.Config{Settings: settings})
	for i, want := range []error{nil, store.ErrKeyReused} {
		m := message("a:b", fmt.Sprint(i))
		m.Key = "k"
		if err := s.Send(t.Context(), m); !errors.Is(err, want) {
			t.Errorf("Send = %v; want %v", err, want)
		}
	}
}
