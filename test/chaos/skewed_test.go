package chaos

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"example.com/im/rpc-server/im"
	"example.com/im/rpc-server/store"
	"example.com/im/test/process"
)

// clockVariable makes this program an rpc-server. It names the file that says
// how far the server's clock is from the machine's.
const clockVariable = "CLOCK_FILE"

// A clock is the clock of an rpc-server that runs in a process of its own.
type clock string

// newClock returns a clock that is off by offset.
func newClock(t *testing.T, offset time.Duration) clock {
	t.Helper()
	c := clock(filepath.Join(t.TempDir(), "clock"))
	c.set(t, offset)
	return c
}

// set changes the clock, at once.
func (c clock) set(t *testing.T, offset time.Duration) {
	t.Helper()
	next := string(c) + ".next"
	if err := os.WriteFile(next, []byte(offset.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(next, string(c)); err != nil {
		t.Fatal(err)
	}
}

// now reads the clock.
func (c clock) now() time.Time {
	text, err := os.ReadFile(string(c))
	if err != nil {
		panic(err) // there is no server without its clock
	}
	offset, err := time.ParseDuration(string(text))
	if err != nil {
		panic(err)
	}
	return time.Now().Add(offset)
}

// startSkewed starts this program as an rpc-server with a clock of the test's.
func startSkewed(t *testing.T, c clock, etcd, dsn string, settings ...string) *process.RPCServer {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return process.StartRPCServerAs(t, self, etcd, dsn, append(settings, clockVariable+"="+string(c))...)
}

// serveSkewed is main of such an rpc-server. It differs from the real one in its
// clock.
func serveSkewed(c clock) error {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	dialector, err := store.MySQL(os.Getenv("MYSQL_DSN"))
	if err != nil {
		return err
	}
	st, err := store.Open(ctx, dialector, store.Options{})
	if err != nil {
		return err
	}
	cfg := im.DefaultConfig()
	cfg.Addr, cfg.Etcd.Endpoints, cfg.Store, cfg.Now = os.Getenv("RPC_ADDR"), []string{os.Getenv("ETCD_ENDPOINTS")}, st, c.now
	if cfg.DrainDelay, err = time.ParseDuration(os.Getenv("DRAIN_DELAY")); err != nil {
		return err
	}
	server, err := im.Listen(cfg)
	if err != nil {
		return err
	}
	debug := &http.Server{Addr: os.Getenv("DEBUG_ADDR"), Handler: readiness(server), ReadHeaderTimeout: time.Second}
	go func() { _ = debug.ListenAndServe() }()
	defer func() { _ = debug.Close() }()
	return errors.Join(server.Run(ctx), st.Close())
}

// readiness answers whether the server can serve.
func readiness(server *im.Server) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if err := server.Ready(); err != nil {
			http.Error(w, err.Error(), http.StatusServiceUnavailable)
			return
		}
		fmt.Fprintln(w, "ready")
	})
}
