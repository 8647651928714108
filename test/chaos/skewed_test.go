package chaos

import (
	"context"
	"errors"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"example.com/im/idl/daemon"
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

// skewed is the command line of such an rpc-server.
type skewed struct {
	Daemon daemon.Settings     `embed:""`
	MySQL  store.MySQLSettings `embed:""`
	Store  store.Settings      `embed:""`
	IM     im.Settings         `embed:""`

	Serve serveSkewedCmd `cmd:"" default:"1"`
	clock clock
}

// serveSkewed is main of such an rpc-server. It differs from the real one in its
// clock.
func serveSkewed(c clock) error {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	return daemon.Run(ctx, "rpc-server", "", &skewed{clock: c}, nil)
}

// serveSkewedCmd serves the gateways.
type serveSkewedCmd struct{}

// Run serves until ctx is done.
func (*serveSkewedCmd) Run(ctx context.Context, c *skewed) error {
	d, err := daemon.Start(ctx, "rpc-server", c.Daemon)
	if err != nil {
		return err
	}
	defer d.Stop()
	dialector, err := c.MySQL.Dialector(false)
	if err != nil {
		return err
	}
	st, err := store.Open(ctx, dialector, store.Config{Settings: c.Store, Log: d.Log})
	if err != nil {
		return err
	}
	server, err := im.Listen(im.Config{Settings: c.IM, Store: st, Now: c.clock.now, Log: d.Log, Registerer: d.Metrics})
	if err != nil {
		return errors.Join(err, st.Close())
	}
	d.SetReady(server.Ready)
	return errors.Join(server.Run(ctx), st.Close())
}
