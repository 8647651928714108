package sequencer_test

import (
	"context"
	"os"
	"testing"

	"example.com/im/idl/chat"
	"example.com/im/idl/daemon"
	"example.com/im/rpc-server/sequencer"
	"example.com/im/rpc-server/store"
	"example.com/im/rpc-server/store/storetest"
)

func TestMain(m *testing.M) { os.Exit(storetest.Main(m)) }

// settings are the defaults.
var settings = daemon.Default[sequencer.Settings]()

// throughProxy returns a sequencer whose store is behind a proxy, and a store that
// reaches the same database directly.
func throughProxy(t *testing.T) (*sequencer.Sequencer, *storetest.Proxy, *store.Store) {
	t.Helper()
	proxy, proxied, direct := storetest.ThroughProxy(t)
	return run(t, proxied, sequencer.Config{Settings: settings}), proxy, direct
}

// run returns a running sequencer.
func run(t *testing.T, st *store.Store, cfg sequencer.Config) *sequencer.Sequencer {
	t.Helper()
	s := sequencer.New(st, cfg)
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

func message(name, text string) *store.Send {
	return &store.Send{Message: store.Message{Chat: chat.Name(name), Sender: "a", Text: text}}
}
