// Package stacktest gives tests a system in their own process.
package stacktest

import (
	"context"
	"errors"
	"log/slog"
	"testing"
	"time"

	"example.com/im/rpc-server/store/storetest"
	"example.com/im/test/stack"
)

// startTimeout is for how long a stack may take until it serves, on a machine
// that is busy with other tests.
const startTimeout = time.Minute

// callTime is for how long a call may take on such a machine.
const callTime = 20 * time.Second

// Config returns the settings of a stack on a fresh SQLite file.
func Config(t testing.TB) stack.Config {
	t.Helper()
	return stack.Config{
		HTTPAddr:  "127.0.0.1:0",
		Dialector: storetest.SQLite(t),
		CallTime:  callTime,
		Log:       slog.New(slog.DiscardHandler),
	}
}

// Start runs a stack until stop is called, at the latest at the end of the test.
func Start(t testing.TB) (s *stack.Stack, stop func()) {
	t.Helper()
	return StartWith(t, Config(t))
}

// StartWith is Start with settings.
func StartWith(t testing.TB, cfg stack.Config) (s *stack.Stack, stop func()) {
	t.Helper()
	s, err := stack.Listen(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	stopped := make(chan error, 1)
	go func() {
		stopped <- s.Run(ctx)
		close(stopped)
	}()
	stop = func() {
		cancel()
		if err := <-stopped; err != nil {
			t.Errorf("Run = %v", err)
		}
	}
	t.Cleanup(stop)
	ready, done := context.WithTimeoutCause(t.Context(), startTimeout, errors.New("the system is not ready in time"))
	defer done()
	if err := s.AwaitReady(ready); err != nil {
		t.Fatal(err)
	}
	return s, stop
}

// URL returns the address of the gateway of a stack that runs for the length of
// the test.
func URL(t testing.TB) string {
	t.Helper()
	s, _ := Start(t)
	return "http://" + s.Addr().String()
}
