package sequencer_test

import (
	"context"
	"os"
	"testing"
	"time"

	"example.com/im/idl/chat"
	"example.com/im/rpc-server/sequencer"
	"example.com/im/rpc-server/store"
	"example.com/im/rpc-server/store/storetest"
)

func TestMain(m *testing.M) { os.Exit(storetest.Main(m)) }

// throughProxy returns a sequencer whose store is behind a proxy, and a store on
// the same database that is not.
func throughProxy(t *testing.T) (*sequencer.Sequencer, *storetest.Proxy, *store.Store) {
	t.Helper()
	proxy, proxied, direct := storetest.ThroughProxy(t)
	return run(t, proxied, sequencer.Options{}), proxy, direct
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
	// On MySQL the silent transaction would be ended after 5 s; SQLite has no such
	// variable, and needs none.
	_, _ = tx.Exec("SET wait_timeout = 60")
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
