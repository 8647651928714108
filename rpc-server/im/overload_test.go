package im_test

import (
	"errors"
	"net"
	"os"
	"strings"
	"testing"
	"time"

	"example.com/im/idl/gen/im"
	"example.com/im/rpc-server/store/storetest"
)

// A send for which the queue has no room is refused and counted.
func TestQueueFullIsCounted(t *testing.T) {
	t.Parallel()
	cfg := config(t)
	cfg.Sequencer.Queue = 2
	c := dial(t, start(t, cfg))
	answers := sendAll(t, c, aSend("a:b", "1"), aSend("a:b", "2"), aSend("a:b", "3")).Answers
	if answers[1].Code != im.Code_OK || answers[2].Code != im.Code_UNAVAILABLE {
		t.Errorf("answers = %v; want the last refused", answers)
	}
	if got := scrape(t, cfg); !strings.Contains(got, `im_shed_total{reason="queue_full"} 1`) {
		t.Error("the refused send is not counted as shed")
	}
}

// A connection over MAX_CONNECTIONS is closed and counted.
func TestConnectionsOverTheLimitAreCounted(t *testing.T) {
	t.Parallel()
	cfg := config(t)
	cfg.MaxConnections = 2
	addr := start(t, cfg)
	storetest.Await(t, func() bool { return closesOne(t, addr, cfg.MaxConnections+1) })
	if got := scrape(t, cfg); strings.Contains(got, `im_shed_total{reason="max_connections"} 0`) {
		t.Error("the closed connection is not counted as shed")
	}
}

// closesOne reports whether the service soon closes the last of n connections. (It
// may not yet have noticed that those of an earlier try are gone.)
func closesOne(t *testing.T, addr string, n int) bool {
	t.Helper()
	var last net.Conn
	for range n {
		conn, err := net.Dial("tcp", addr)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = conn.Close() }()
		last = conn
	}
	if err := last.SetReadDeadline(time.Now().Add(time.Second)); err != nil {
		t.Fatal(err)
	}
	_, err := last.Read(make([]byte, 1))
	return err != nil && !errors.Is(err, os.ErrDeadlineExceeded)
}
