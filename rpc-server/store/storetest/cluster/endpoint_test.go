package cluster

import (
	"errors"
	"io"
	"net"
	"os"
	"testing"
	"time"

	"example.com/im/rpc-server/store/storetest"
)

// newNamed starts a member of which nothing runs but a listener: it says its name to
// whoever connects, and then nothing.
func newNamed(t *testing.T, name string) *Member {
	t.Helper()
	addr := storetest.Reserve(t)
	listener, err := net.Listen("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			t.Cleanup(func() { _ = conn.Close() })
			_, _ = io.WriteString(conn, name)
		}
	}()
	return &Member{Server: storetest.NewServer(storetest.ServerConfig{Addr: addr})}
}

// dial connects to whom the endpoint leads, which has to be the member of that name.
func dial(t *testing.T, e *Endpoint, name string) net.Conn {
	t.Helper()
	conn, err := net.Dial("tcp", e.listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	got := make([]byte, len(name))
	if _, err := io.ReadFull(conn, got); err != nil || string(got) != name {
		t.Fatalf("led to %q, %v; want %q", got, err, name)
	}
	return conn
}

// isOpen reports whether nobody has hung up.
func isOpen(t *testing.T, conn net.Conn) bool {
	t.Helper()
	if err := conn.SetReadDeadline(time.Now().Add(200 * time.Millisecond)); err != nil {
		t.Fatal(err)
	}
	_, err := conn.Read(make([]byte, 1))
	return errors.Is(err, os.ErrDeadlineExceeded)
}

// An endpoint stays with a member that serves, and turns to another when it does not.
// Old connections it keeps or cuts, and it returns or stays, as its form has it.
func TestEndpoint(t *testing.T) {
	t.Parallel()
	for name, form := range map[string]Form{"cuts": {}, "keeps": {Keeps: true}, "returns": {Keeps: true, Returns: true}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			first, second := newNamed(t, "first"), newNamed(t, "second")
			e := newEndpoint(t, form, first, second)
			e.learn(second, true)
			if form.Returns {
				e.learn(first, true)
			} else {
				e.learn(second, false)
				e.learn(first, true)
				e.learn(second, true)
			}
			old := dial(t, e, "first")
			e.learn(first, false)
			dial(t, e, "second")
			if kept := isOpen(t, old); kept != form.Keeps {
				t.Errorf("the old connection is open: %t; want %t", kept, form.Keeps)
			}
			e.learn(first, true)
			if form.Returns {
				dial(t, e, "first")
			} else {
				dial(t, e, "second")
			}
		})
	}
}
