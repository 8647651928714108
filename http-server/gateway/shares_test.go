package gateway

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"testing"
	"time"

	"example.com/im/http-server/fault"
	"example.com/im/http-server/guard"
	"example.com/im/http-server/rpc/rpctest"
	"example.com/im/idl/gen/im"
)

// longPage is an rpc-server whose pages take 6 MiB of JSON.
func longPage() *rpctest.Fake {
	page := make([]*im.Message, 64)
	for i := range page {
		page[i] = &im.Message{Chat: "a:b", Sender: "a", Text: strings.Repeat("\x01", 16<<10), SendTime: int64(i + 1)}
	}
	return &rpctest.Fake{OnPull: func(context.Context, *im.PullRequest) (*im.PullResponse, error) {
		return &im.PullResponse{Messages: page, NextCursor: new(int64(65))}, nil
	}}
}

// stall asks for a long page and reads nothing. The connection is closed by hang up.
func (g *testGateway) stall(t *testing.T) (hangUp func()) {
	t.Helper()
	before := g.metric(t, "im_http_answer_bytes")
	conn, err := net.Dial("tcp", g.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	_ = conn.(*net.TCPConn).SetReadBuffer(4 << 10)
	if _, err := io.WriteString(conn, "GET /api/pull?chat=a:b HTTP/1.1\r\nHost: x\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	rpctest.Eventually(t, "an answer is on its way", func() bool { return g.metric(t, "im_http_answer_bytes") > before+6<<20 })
	return func() { _ = conn.Close() }
}

// Answers that a client does not take count until it leaves. One that would be too much is
// refused; short ones, and others' pass.
func TestAnswersOfAClientHaveABudget(t *testing.T) {
	t.Parallel()
	g := startReadyWith(t, func(c *Config) {
		c.Guard.Shares.AnswerBytes, c.Guard.Peers.Proxies = guard.MinAnswerBytes, []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}
	}, longPage().Start(t))
	hangUps := []func(){g.stall(t), g.stall(t)}
	g.do(t, "GET", "/api/pull?chat=a:b", "").wantError(t, http.StatusServiceUnavailable, fault.Unavailable, "earlier answers")
	g.wantShed(t, guard.ShedClientAnswers, 1)
	if r := g.send(t); r.status != http.StatusOK {
		t.Errorf("a send: %d %s", r.status, r.body)
	}
	if r := g.do(t, "GET", "/api/pull?chat=a:b", "", guard.ForwardedHeader+": 192.0.2.1"); r.status != http.StatusOK || len(r.body) < 6<<20 {
		t.Errorf("another client: %d, %d bytes", r.status, len(r.body))
	}
	for _, hangUp := range hangUps {
		hangUp()
	}
	rpctest.Eventually(t, "nothing is held", func() bool { return g.metric(t, "im_http_answer_bytes") == 0 })
	if r := g.do(t, "GET", "/api/pull?chat=a:b", ""); r.status != http.StatusOK {
		t.Errorf("later: %d %s", r.status, r.body)
	}
	if got := g.metric(t, "im_http_answer_bytes"); got != 0 {
		rpctest.Eventually(t, "nothing is held", func() bool { return g.metric(t, "im_http_answer_bytes") == 0 })
	}
}

// So do the answers of all clients together.
func TestAllAnswersHaveABudget(t *testing.T) {
	t.Parallel()
	g := startReadyWith(t, func(c *Config) {
		c.Guard.Shares.AnswerBytes, c.Guard.Shares.AllOfAnswers = 0, guard.MinAnswerBytes
		c.Guard.Peers.Proxies = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}
	}, longPage().Start(t))
	g.stall(t)
	g.stall(t)
	g.do(t, "GET", "/api/pull?chat=a:b", "", guard.ForwardedHeader+": 192.0.2.1").
		wantError(t, http.StatusServiceUnavailable, fault.Unavailable, "too many long answers")
	g.wantShed(t, guard.ShedAnswers, 1)
}

// Connections of a client beyond its share are closed, until one of them ends.
func TestConnectionsOfAClient(t *testing.T) {
	t.Parallel()
	g := startGateway(t, rpctest.NewRegistry(), func(c *Config) { c.Guard.Shares.Connections = 2 })
	first := g.dialFrom(t, "127.0.0.1")
	g.dialFrom(t, "127.0.0.1")
	if !isClosed(t, g.dialFrom(t, "127.0.0.1")) {
		t.Error("a third connection is served")
	}
	g.wantShed(t, guard.ShedClientConnections, 1)
	if isClosed(t, g.dialFrom(t, "127.0.0.2")) {
		t.Error("another address is not served")
	}
	_ = first.Close()
	rpctest.Eventually(t, "there is room again", func() bool { return !isClosed(t, g.dialFrom(t, "127.0.0.1")) })
}

// Proxies are no clients.
func TestConnectionsOfAProxy(t *testing.T) {
	t.Parallel()
	g := startGateway(t, rpctest.NewRegistry(), func(c *Config) {
		c.Guard.Shares.Connections, c.Guard.Peers.Proxies = 1, []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}
	})
	for range 5 {
		if isClosed(t, g.dialFrom(t, "127.0.0.1")) {
			t.Fatal("a connection of a proxy is closed")
		}
	}
}

// dialFrom connects from an address of this machine.
func (g *testGateway) dialFrom(t *testing.T, from string) net.Conn {
	t.Helper()
	dialer := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(from)}}
	conn, err := dialer.DialContext(t.Context(), "tcp", g.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return conn
}

// isClosed reports whether the gateway closes a connection instead of answering on it.
func isClosed(t *testing.T, conn net.Conn) bool {
	t.Helper()
	_ = conn.SetDeadline(time.Now().Add(rawLimit))
	if _, err := io.WriteString(conn, "GET /ping HTTP/1.1\r\nHost: x\r\n\r\n"); err != nil {
		return true
	}
	_, err := conn.Read(make([]byte, 1))
	if nerr := net.Error(nil); errors.As(err, &nerr) && nerr.Timeout() {
		t.Fatal("neither answered nor closed")
	}
	return err != nil
}
