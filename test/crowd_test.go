package test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"example.com/im/rpc-server/store/storetest"
	"example.com/im/test/process"
)

const (
	// A crowd of 5,000 connections.
	idleConns   = 2300 // have made a request and may make another
	silentConns = 500  // never send anything
	headConns   = 1000 // send the head of a request byte by byte
	bodyConns   = 1000 // send its body so
	deafConns   = 200  // never read an answer

	// crowdTimeout is the gateway's READ_TIMEOUT.
	crowdTimeout = 40 * time.Second
	// cutTimeout is the time within which the gateway closes a connection, on a busy
	// machine.
	cutTimeout = crowdTimeout + 20*time.Second
	// crowdSlack is what other tests may take that start and end meanwhile.
	crowdSlack = time.Second
	// byteInterval is between two bytes of one who sends slowly.
	byteInterval = 500 * time.Millisecond
	// crowdFiles is how many files this process may have to open.
	crowdFiles = 8000
)

// crowd are connections to a gateway whose clients do not behave.
type crowd struct {
	addr string
	cut  atomic.Int32 // of them
	errgroup.Group
}

// Thousands of idle, slow or deaf connections do not slow down clients that behave. The
// gateway keeps idle connections, and closes the others after READ_TIMEOUT (P5).
func TestCrowd(t *testing.T) {
	t.Parallel()
	ownSystem(t)
	wantFiles(t)
	s := process.StartShipped(t, storetest.MySQL(t), fmt.Sprint("READ_TIMEOUT=", crowdTimeout))
	c := newClient(t, s.Gateways[0].URL)
	w := &crowd{addr: strings.TrimPrefix(s.Gateways[0].URL, "http://")}
	page, before := largePage(t, c), usualTime(t, c)

	idle := w.dial(t, idleConns)
	pingAll(t, idle)
	w.start(t, deafConns, dribble(page))
	w.start(t, silentConns, silent)
	w.start(t, headConns, dribble("POST /api/send HTTP/1.1\r\nX: "))
	w.start(t, bodyConns, dribble("POST /api/send HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\n"))
	after := usualTime(t, c)
	if n := w.cut.Load(); n > 0 {
		t.Errorf("%d connections are cut off already: this tests nothing", n)
	}
	if after > 5*before+crowdSlack {
		t.Errorf("a send and a pull take %v in the crowd; without it %v", after, before)
	}
	t.Logf("a send and a pull take %v in the crowd; without it %v", after, before)

	if err := w.Wait(); err != nil {
		t.Error(err)
	}
	pingAll(t, idle)
}

// start opens n connections that behave as told until they are cut off, which
// must be in time.
func (w *crowd) start(t *testing.T, n int, behave func(net.Conn)) {
	t.Helper()
	for _, conn := range w.dial(t, n) {
		w.Go(func() error {
			begin := time.Now()
			if err := conn.SetDeadline(begin.Add(cutTimeout)); err != nil {
				return err
			}
			behave(conn)
			w.cut.Add(1)
			if took := time.Since(begin); took < crowdTimeout/2 || took >= cutTimeout {
				return fmt.Errorf("a connection was cut off after %v, or not; want about %v", took, crowdTimeout)
			}
			return nil
		})
	}
}

// silent waits until the connection is cut off.
func silent(conn net.Conn) { _, _ = io.Copy(io.Discard, conn) }

// dribble returns a behaviour: send something, and then byte by byte without an
// end, and never read.
func dribble(first string) func(net.Conn) {
	return func(conn net.Conn) {
		_ = conn.(*net.TCPConn).SetReadBuffer(4 << 10) // or the kernel reads for us
		for text := first; ; text = "x" {
			if _, err := io.WriteString(conn, text); err != nil {
				return
			}
			time.Sleep(byteInterval) // what is simulated
		}
	}
}

// wantFiles checks that this process may open enough files, and so may the
// gateway: Go raises the soft limit to the hard one.
func wantFiles(t *testing.T) {
	t.Helper()
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		t.Fatal(err)
	}
	if limit.Cur < crowdFiles {
		t.Fatalf("this test opens thousands of connections: the limit of open files is %d; raise it (ulimit -n) to %d", limit.Cur, crowdFiles)
	}
}

// largePage makes a chat with a page of 256 KiB, and returns the request of it.
func largePage(t *testing.T, c *client) string {
	t.Helper()
	chat := newChat()
	sender, _, _ := strings.Cut(chat, ":")
	for range 16 {
		c.send(t, chat, sender, strings.Repeat("x", 16<<10))
	}
	return "GET /api/pull?limit=16&chat=" + chat + " HTTP/1.1\r\nHost: localhost\r\n\r\n"
}

// usualTime returns what a send and a pull together usually take: the median.
func usualTime(t *testing.T, c *client) time.Duration {
	t.Helper()
	const tries = 11
	took := make([]time.Duration, tries)
	for i := range took {
		begin := time.Now()
		c.send(t, "doe:john", "john", "x")
		c.pull(t, "chat", "doe:john", "limit", 1)
		took[i] = time.Since(begin)
	}
	slices.Sort(took)
	return took[tries/2]
}

// dial opens n connections.
func (w *crowd) dial(t *testing.T, n int) []net.Conn {
	t.Helper()
	conns := make([]net.Conn, n)
	var g errgroup.Group
	g.SetLimit(50)
	for i := range conns {
		g.Go(func() (err error) {
			conns[i], err = net.Dial("tcp", w.addr)
			return err
		})
	}
	if err := g.Wait(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		for _, conn := range conns {
			_ = conn.Close()
		}
	})
	return conns
}

// pingAll makes a request on each connection, which stays open.
func pingAll(t *testing.T, conns []net.Conn) {
	t.Helper()
	var g errgroup.Group
	g.SetLimit(50)
	for _, conn := range conns {
		g.Go(func() error {
			if _, err := io.WriteString(conn, "GET /ping HTTP/1.1\r\nHost: localhost\r\n\r\n"); err != nil {
				return err
			}
			resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
			if err != nil {
				return err
			}
			defer func() { _ = resp.Body.Close() }()
			_, err = io.Copy(io.Discard, resp.Body)
			return err
		})
	}
	if err := g.Wait(); err != nil {
		t.Errorf("an idle connection: %v", err)
	}
}
