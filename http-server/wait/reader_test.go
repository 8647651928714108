package wait

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"

	"example.com/im/http-server/fault"
	"example.com/im/http-server/http1"
	"example.com/im/idl/gen/im"
)

// newRoom returns a room for so many readers, and its counter of those refused.
func newRoom(t *testing.T, most int) (*Room, prometheus.Counter) {
	t.Helper()
	shed := prometheus.NewCounter(prometheus.CounterOpts{})
	r, err := NewRoom(Config{
		Settings: Settings{Most: most}, Shed: shed, Log: slog.New(slog.DiscardHandler), Registerer: prometheus.NewRegistry(),
		Watch: func(context.Context, string, *im.WatchRequest) (*im.WatchResponse, error) {
			return nil, errors.New("no news in this test")
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	return r, shed
}

// enter lets in a reader of a:b that waits for long.
func enter(t *testing.T, r *Room) *Reader {
	t.Helper()
	reader, err := r.EnterPull("a:b", time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	return reader
}

// enterAnn lets in a reader of the member a that waits for long.
func enterAnn(t *testing.T, r *Room) *Reader {
	t.Helper()
	return enterSync(t, r, "a")
}

// accepted returns a connection, and its client's end.
func accepted(t *testing.T) (*http1.Conn, net.Conn) {
	t.Helper()
	bound, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ln := http1.NewListener(bound, time.Minute, 1, prometheus.NewCounter(prometheus.CounterOpts{}))
	t.Cleanup(func() { _ = ln.Close() })
	client, err := net.Dial("tcp", bound.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = client.Close() })
	c, err := ln.Accept()
	if err != nil {
		t.Fatal(err)
	}
	return c.(*http1.Conn), client
}

// Only some of the readers that were woken look at a time. Each gives its place to the
// next when it has looked, at the latest when it leaves.
func TestPlacesAreGivenBack(t *testing.T) {
	t.Parallel()
	r, _ := newRoom(t, 2*maxLooks)
	var readers []*Reader
	for range maxLooks {
		reader := enter(t, r)
		conn, _ := accepted(t)
		r.wake(wokenByNews, ofMessages("a:b"))
		if reader.Wait(conn); !reader.MayLook() {
			t.Fatal("a reader that was woken may not look")
		}
		readers = append(readers, reader)
	}
	late, err := r.EnterPull("a:b", 50*time.Millisecond)
	if err != nil {
		t.Fatal(err)
	}
	conn, _ := accepted(t)
	r.wake(wokenByNews, ofMessages("a:b"))
	if late.Wait(conn); late.MayLook() {
		t.Errorf("more than %d readers look at a time", maxLooks)
	}
	for i, reader := range readers {
		if i%2 == 0 {
			reader.Nothing()
		}
		reader.Leave()
	}
	late.Leave()
	if len(r.looks) != 0 || r.count.Load() != 0 {
		t.Errorf("%d places are held by %d readers; want none", len(r.looks), r.count.Load())
	}
}

// A client that leaves ends the wait of its reader, and so does a drain.
func TestWaitEnds(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]func(*Room, net.Conn){
		"its client leaves": func(_ *Room, client net.Conn) { _ = client.Close() },
		"a drain":           func(r *Room, _ net.Conn) { r.Drain() },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, enter := range []func(*testing.T, *Room) *Reader{enter, enterAnn} {
				r, _ := newRoom(t, 1)
				reader := enter(t, r)
				conn, client := accepted(t)
				time.AfterFunc(20*time.Millisecond, func() { end(r, client) })
				if reader.Wait(conn); reader.MayLook() {
					t.Error("it may look")
				}
				reader.Leave()
			}
		})
	}
}

func TestRoomIsFull(t *testing.T) {
	t.Parallel()
	r, shed := newRoom(t, 1)
	reader := enter(t, r)
	_, pull := r.EnterPull("c:d", time.Hour)
	_, member := r.EnterSync("a", time.Hour)
	if fault.Of(pull).Code != fault.Unavailable || fault.Of(member).Code != fault.Unavailable || testutil.ToFloat64(shed) != 2 {
		t.Errorf("readers too many: %v, %v; %v counted", pull, member, testutil.ToFloat64(shed))
	}
	reader.Leave()
	enter(t, r).Leave()
}
