package overload

import (
	"bufio"
	"context"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"
)

const (
	// loadTick is how often an open loop looks at the clock.
	loadTick = 2 * time.Millisecond
	// loadTimeout is for how long an answer is waited for: longer than any
	// deadline of the system.
	loadTimeout = 10 * time.Second
	// loadPause is before a client of a closed loop asks again after a refusal, as
	// Retry-After demands.
	loadPause = time.Second
)

// load makes requests of a gateway, each under way on a connection and a goroutine of
// its own. net/http would take more of the machine than the system under test.
type load struct {
	addr    string             // host:port
	most    int                // connections
	request func(n int) string // the nth request

	running sync.WaitGroup
	mu      sync.Mutex
	idle    []*loadConn
	conns   int
	tally   tally
}

// newLoad returns a load of the gateway at url, over at most so many connections.
func newLoad(t *testing.T, url string, connections int, request func(n int) string) *load {
	t.Helper()
	l := &load{addr: strings.TrimPrefix(url, "http://"), most: connections, request: request}
	t.Cleanup(l.hangUp)
	return l
}

// open starts rate requests a second for d, whether or not earlier ones have
// been answered. It does not wait for the answers.
func (l *load) open(ctx context.Context, rate float64, d time.Duration) {
	tick := time.NewTicker(loadTick)
	defer tick.Stop()
	started := 0
	for begin := time.Now(); ctx.Err() == nil; <-tick.C {
		elapsed := min(time.Since(begin), d)
		for ; started < int(elapsed.Seconds()*rate); started++ {
			if c := l.takeConn(); c != nil {
				request := l.request(started)
				l.running.Go(func() { l.do(c, request) })
			}
		}
		if elapsed == d {
			return
		}
	}
}

// closed has so many clients make one request after the other, for d. It does not wait
// for the last answers.
func (l *load) closed(ctx context.Context, clients int, d time.Duration) {
	end := time.Now().Add(d)
	for client := range clients {
		l.running.Go(func() {
			for n := client; ctx.Err() == nil && time.Now().Before(end); n += clients {
				c := l.takeConn()
				if c == nil {
					return
				}
				if l.do(c, l.request(n)) != http.StatusOK {
					time.Sleep(loadPause) // what is simulated
				}
			}
		})
	}
	time.Sleep(time.Until(end)) // the length of the load
}

// finish waits until all requests are answered, and returns what became of them.
func (l *load) finish() tally {
	l.running.Wait()
	l.mu.Lock()
	defer l.mu.Unlock()
	taken := l.tally
	l.tally = tally{}
	return taken
}

// takeConn returns a connection, or notes that none is left.
func (l *load) takeConn() *loadConn {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch n := len(l.idle); {
	case n > 0:
		c := l.idle[n-1]
		l.idle = l.idle[:n-1]
		return c
	case l.conns < l.most:
		l.conns++
		return new(loadConn)
	default:
		l.tally.missed++
		return nil
	}
}

// do makes a request on c, notes what became of it, and returns its status, or 0
// if it had no answer.
func (l *load) do(c *loadConn, request string) (status int) {
	begin := time.Now()
	resp, err := c.exchange(l.addr, request)
	end := time.Now()
	l.mu.Lock()
	defer l.mu.Unlock()
	if err != nil {
		l.tally.failures = append(l.tally.failures, err)
		l.conns--
		c.hangUp()
		return 0
	}
	l.tally.add(resp, begin, end)
	l.idle = append(l.idle, c)
	return resp.StatusCode
}

// hangUp ends the connections.
func (l *load) hangUp() {
	l.running.Wait()
	for _, c := range l.idle {
		c.hangUp()
	}
}

// loadConn is a connection from its first request on.
type loadConn struct {
	net.Conn
	answers *bufio.Reader
}

// exchange makes one request. The answer's body is read and gone.
func (c *loadConn) exchange(addr, request string) (*http.Response, error) {
	if c.Conn == nil {
		conn, err := net.DialTimeout("tcp", addr, loadTimeout)
		if err != nil {
			return nil, err
		}
		c.Conn, c.answers = conn, bufio.NewReader(conn)
	}
	if err := c.SetDeadline(time.Now().Add(loadTimeout)); err != nil {
		return nil, err
	}
	if _, err := io.WriteString(c, request); err != nil {
		return nil, err
	}
	resp, err := http.ReadResponse(c.answers, nil)
	if err != nil {
		return nil, err
	}
	defer func() { _ = resp.Body.Close() }()
	_, err = io.Copy(io.Discard, resp.Body)
	return resp, err
}

func (c *loadConn) hangUp() {
	if c.Conn != nil {
		_ = c.Close()
	}
}
