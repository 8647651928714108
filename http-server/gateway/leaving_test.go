package gateway

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"example.com/im/http-server/rpc/rpctest"
)

// waitingRequest is a pull of a:b that waits.
const waitingRequest = "GET /api/pull?chat=a:b&cursor=3&wait_ms=30000 HTTP/1.1\r\nHost: x\r\n\r\n"

// rawConn is a client's connection.
type rawConn struct {
	halfConn
	tcp     *net.TCPConn // under TLS, or the same
	answers *bufio.Reader
}

// open connects and sends something.
func (g *testGateway) open(t *testing.T, request string) *rawConn {
	t.Helper()
	c := g.connect(t)
	t.Cleanup(func() { _ = c.Close() })
	_ = c.SetDeadline(time.Now().Add(rawLimit))
	tcp, _ := transportOf(c).(*net.TCPConn)
	r := &rawConn{c, tcp, bufio.NewReader(c)}
	r.send(t, request)
	return r
}

func (c *rawConn) send(t *testing.T, request string) {
	t.Helper()
	if _, err := io.WriteString(c, request); err != nil {
		t.Fatal(err)
	}
}

// answer reads an answer to a request with the method.
func (c *rawConn) answer(t *testing.T, method string) reply {
	t.Helper()
	resp, err := http.ReadResponse(c.answers, &http.Request{Method: method})
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return reply{resp.StatusCode, resp.Header, string(body), resp.Close}
}

// A reader leaves when its client has left, however that has left.
func TestClientLeaves(t *testing.T) { withAndWithoutTLS(t, testClientLeaves) }

func testClientLeaves(t *testing.T, with func(*Config)) {
	for name, tc := range map[string]struct {
		request string
		leave   func(*rawConn) error
	}{
		"closes":                     {waitingRequest, func(c *rawConn) error { return c.Close() }},
		"resets":                     {waitingRequest, func(c *rawConn) error { _ = c.tcp.SetLinger(0); return c.Close() }},
		"closes, another was queued": {waitingRequest + waitingRequest, func(c *rawConn) error { return c.Close() }},
		"sends nothing more":         {waitingRequest, func(c *rawConn) error { return c.CloseWrite() }},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g, _ := startLively(t, with, func(c *Config) { c.Guard.MaxConnections = 2 }) // one is that of startLively
			c := g.open(t, tc.request)
			g.awaitReaders(t, 1)
			if g.hasRoom(t) {
				t.Error("a connection too many is served")
			}
			if err := tc.leave(c); err != nil {
				t.Fatal(err)
			}
			g.awaitReaders(t, 0)
			rpctest.Eventually(t, "the connection is forgotten", func() bool { return g.hasRoom(t) })
		})
	}
}

// A client that has closed only its sending side is answered.
func TestHalfClosed(t *testing.T) { withAndWithoutTLS(t, testHalfClosed) }

func testHalfClosed(t *testing.T, with func(*Config)) {
	g, _ := startLively(t, with)
	begin := time.Now()
	answers := g.raw(t, waitingRequest+"GET /ping HTTP/1.1\r\nHost: x\r\n\r\n")
	rpctest.Within(t, begin, "the answer")
	if len(answers) != 2 || answers[0].body != fmt.Sprintf(empty, 3) || !strings.Contains(answers[1].body, "pong") {
		t.Errorf("answers = %v; want an empty page, and pong", answers)
	}
}

// What a client sends while its reader waits is answered after it, and in order.
func TestPipelined(t *testing.T) { withAndWithoutTLS(t, testPipelined) }

func testPipelined(t *testing.T, with func(*Config)) {
	const ping = "GET /ping HTTP/1.1\r\nHost: x\r\n\r\n"
	for name, tc := range map[string]struct{ first, second string }{
		"with it":    {waitingRequest + ping, ""},
		"after it":   {waitingRequest, ping},
		"in pieces":  {waitingRequest + ping[:7], ping[7:]},
		"many":       {waitingRequest, strings.Repeat(ping, 1_000)},
		"a body too": {"GET /api/pull HTTP/1.1\r\nHost: x\r\nContent-Length: 44\r\n\r\n" + `{"chat":"a:b","cursor":3,  "wait_ms":30000 }` + ping, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g, rpc := startLively(t, with)
			c := g.open(t, tc.first)
			g.awaitReaders(t, 1)
			go func() { _, _ = io.WriteString(c, tc.second) }()
			rpc.Tell(noNews) // a pull for nothing: all that was sent is still there
			rpc.Commit("a:b", 0, 5)
			if r := c.answer(t, "GET"); r.body != fmt.Sprintf(arrived, 5, 6) {
				t.Errorf("the pull: %d %s", r.status, r.body)
			}
			for range strings.Count(tc.first+tc.second, "/ping") {
				if r := c.answer(t, "GET"); !strings.Contains(r.body, "pong") {
					t.Fatalf("the ping: %d %s", r.status, r.body)
				}
			}
		})
	}
}

// After a wait a connection goes on as it would have without: in the protocol that its
// client speaks, and within the same times.
func TestConnectionAfterWait(t *testing.T) { withAndWithoutTLS(t, testConnectionAfterWait) }

func testConnectionAfterWait(t *testing.T, with func(*Config)) {
	for name, tc := range map[string]struct {
		method, protocol, header string
		closes                   bool
	}{
		"HTTP/1.1":            {"GET", "HTTP/1.1", "Host: x\r\n", false},
		"HTTP/1.1, close":     {"GET", "HTTP/1.1", "Host: x\r\nConnection: close\r\n", true},
		"HEAD":                {"HEAD", "HTTP/1.1", "Host: x\r\n", false},
		"HTTP/1.0":            {"GET", "HTTP/1.0", "", true},
		"HTTP/1.0 keep-alive": {"GET", "HTTP/1.0", "Connection: keep-alive\r\n", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g, rpc := startLively(t, with, func(c *Config) { c.ReadTimeout, c.IdleTimeout = time.Second, time.Minute })
			request := fmt.Sprintf("%s /api/pull?chat=a:b&cursor=3&wait_ms=30000 %s\r\n%s\r\n", tc.method, tc.protocol, tc.header)
			c := g.open(t, request)
			g.awaitReaders(t, 1)
			time.Sleep(1500 * time.Millisecond) // longer than READ_TIMEOUT
			rpc.Commit("a:b", 0, 5)
			r := c.answer(t, tc.method)
			if r.status != http.StatusOK || r.closes != tc.closes || (r.body == "") != (tc.method == "HEAD") {
				t.Errorf("answer: %d %q, hangs up: %t; want %t", r.status, r.body, r.closes, tc.closes)
			}
			if tc.closes {
				if _, err := c.answers.ReadByte(); err == nil {
					t.Error("the connection goes on")
				}
				return
			}
			time.Sleep(1500 * time.Millisecond) // idle for longer than READ_TIMEOUT
			c.send(t, "GET /ping HTTP/1.1\r\nHost: x\r\n\r\n")
			if r := c.answer(t, "GET"); !strings.Contains(r.body, "pong") {
				t.Errorf("the next request: %d %s", r.status, r.body)
			}
			// The client is again cut off if it begins a request and does not go on.
			c.send(t, "GET /pi")
			begin := time.Now()
			_, _ = io.Copy(io.Discard, c)
			rpctest.Within(t, begin, "cutting off the client")
		})
	}
}
