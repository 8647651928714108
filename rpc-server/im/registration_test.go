package im_test

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"example.com/im/idl/gen/im"
	service "example.com/im/rpc-server/im"
	"example.com/im/rpc-server/store/storetest"
)

// registry knows one instance, and can fail like etcd.
type registry struct {
	mu       sync.Mutex
	addr     string // "": nobody
	joins    int
	failures int // how many tries to join are still to fail
	lost     chan struct{}
	leaving  func() // called before the instance is forgotten; may be nil
}

// Join keeps the address.
func (r *registry) Join(_ context.Context, addr string) (<-chan struct{}, func(), error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.failures > 0 {
		r.failures--
		return nil, nil, errors.New("the registry is away")
	}
	r.joins++
	r.addr, r.lost = addr, make(chan struct{})
	return r.lost, r.leave, nil
}

func (r *registry) leave() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.leaving != nil {
		r.leaving()
	}
	r.addr = ""
}

// lose forgets the instance.
func (r *registry) lose() {
	r.mu.Lock()
	defer r.mu.Unlock()
	close(r.lost)
}

// state returns who is known, and how often somebody has joined.
func (r *registry) state() (addr string, joins int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.addr, r.joins
}

// An instance is registered while its clock may stamp messages, and no longer.
func TestRegisteredWhileClockIsRight(t *testing.T) {
	t.Parallel()
	var ahead atomic.Int64
	ahead.Store(int64(time.Hour))
	r := &registry{}
	cfg := config(t)
	cfg.Registry = r
	cfg.Now = func() time.Time { return time.Now().Add(time.Duration(ahead.Load())) }
	addr := start(t, cfg)
	c := dial(t, addr)
	storetest.Await(t, func() bool { return strings.Contains(health(t, c).Msg, "far ahead") })
	if _, joins := r.state(); joins != 0 {
		t.Error("an instance joined whose clock is far ahead")
	}
	ahead.Store(0)
	storetest.Await(t, func() bool { known, _ := r.state(); return known == addr })
	ahead.Store(int64(time.Hour))
	storetest.Await(t, func() bool { known, _ := r.state(); return known == "" })
}

// An instance leaves the registry before it drains: while it leaves it still serves.
func TestLeavesBeforeDrain(t *testing.T) {
	t.Parallel()
	r, cfg := &registry{}, config(t)
	cfg.Registry = r
	server, c, stop, stopped := startToStop(t, cfg)
	storetest.Await(t, func() bool { known, _ := r.state(); return known == server.Addr().String() })
	left := 0
	r.mu.Lock()
	r.leaving = func() {
		left++
		for range 20 { // time for a drain that does not wait
			if resp := send(t, c, &im.Message{Chat: "a:b", Sender: "a", Text: "x"}); resp.Code != im.Code_OK {
				t.Errorf("a send to an instance that leaves: %v %s", resp.Code, resp.Msg)
			}
		}
	}
	r.mu.Unlock()
	stop()
	if err := <-stopped; err != nil {
		t.Errorf("Run = %v", err)
	}
	if known, _ := r.state(); left != 1 || known != "" {
		t.Errorf("the instance has left %d times, and the registry knows %q", left, known)
	}
}

// An instance joins when the registry is there again, and again when the registry has
// lost it. The log has one line for the outage.
func TestJoinsAgain(t *testing.T) {
	t.Parallel()
	r, log, cfg := &registry{failures: 2}, &buffer{}, config(t)
	cfg.Registry, cfg.Log = r, slog.New(slog.NewTextHandler(log, nil))
	addr := start(t, cfg)
	joined := func(times int) func() bool {
		return func() bool { known, joins := r.state(); return known == addr && joins == times }
	}
	storetest.Await(t, joined(1))
	if got := log.String(); strings.Count(got, "not registered") != 1 || !strings.Contains(got, "the registry is away") {
		t.Errorf("the log has %s; want one line about the registry", got)
	}
	r.lose()
	storetest.Await(t, joined(2))
	if got := log.String(); !strings.Contains(got, "the registry has lost the address") {
		t.Errorf("the log has %s; want that the address was lost", got)
	}
}

// An address that cannot be resolved is registered, and the log says so.
func TestUnresolvedIsTold(t *testing.T) {
	t.Parallel()
	r, log, cfg := &registry{}, &buffer{}, config(t)
	cfg.Registry, cfg.Log, cfg.Advertise = r, slog.New(slog.NewTextHandler(log, nil)), "nowhere.invalid:8888"
	start(t, cfg)
	storetest.Await(t, func() bool { known, _ := r.state(); return known == cfg.Advertise })
	storetest.Await(t, func() bool { return strings.Contains(log.String(), "its name has no address here") })
}

var _ service.Registry = (*registry)(nil)
