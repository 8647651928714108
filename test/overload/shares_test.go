package overload

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"example.com/im/rpc-server/store/storetest"
	"example.com/im/test/process"
	"example.com/im/test/slow"
)

const (
	awaitTime = time.Minute
)

// readers are connections of one address.
type readers struct {
	t    *testing.T
	addr string // of the gateway
	from string // IP address
}

// stall makes a request and reads nothing of its answer.
func (r readers) stall(request string) {
	r.t.Helper()
	r.open(slow.Stall, request)
}

// open connects, and makes a request in a way.
func (r readers) open(ask func(context.Context, *net.Dialer, string, string) (*net.TCPConn, error), request string) *net.TCPConn {
	r.t.Helper()
	dialer := &net.Dialer{Timeout: loadTimeout, LocalAddr: &net.TCPAddr{IP: net.ParseIP(r.from)}}
	conn, err := ask(r.t.Context(), dialer, r.addr, request)
	if err != nil {
		r.t.Fatal(err)
	}
	r.t.Cleanup(func() { _ = conn.Close() })
	return conn
}

// get makes a request to its end, and keeps the connection.
func (r readers) get(request string) (status int, body []byte) {
	r.t.Helper()
	resp, err := http.ReadResponse(bufio.NewReader(r.open(slow.Ask, request)), nil)
	if err != nil {
		r.t.Fatal(err)
	}
	body, err = io.ReadAll(resp.Body)
	if err != nil {
		r.t.Fatal(err)
	}
	return resp.StatusCode, body
}

// answered returns how many requests of a path a gateway has answered with the status,
// whether or not the answer is written.
func answered(t *testing.T, g *process.Gateway, path string, status int) int {
	t.Helper()
	return metric(t, g, fmt.Sprintf("im_http_requests_total{route=%q,status=\"%d\"}", path, status))
}

// metric returns what a gateway exports under a name with labels.
func metric(t *testing.T, g *process.Gateway, name string) int {
	t.Helper()
	resp, err := http.Get("http://" + g.DebugAddr() + "/metrics")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	metrics, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	_, value, _ := strings.Cut(string(metrics), "\n"+name+" ")
	n := 0.0
	_, _ = fmt.Sscan(value, &n) // none yet
	return int(n)
}

// grown returns by how many bytes the memory of a gateway has grown.
func grown(t *testing.T, g *process.Gateway, since int64) int64 {
	t.Helper()
	now := memory(t, g)
	t.Logf("%d MiB, before %d MiB", now>>20, since>>20)
	return now - since
}

func memory(t *testing.T, g *process.Gateway) int64 {
	t.Helper()
	bytes, err := g.Memory()
	if err != nil {
		t.Fatal(err)
	}
	return bytes
}

// startAlone starts a gateway that finds no rpc-server: it serves files.
func startAlone(t *testing.T) (*process.Gateway, readers) {
	t.Helper()
	g := process.StartGatewayAs(t, process.Shipped(t, "http-server"), storetest.Reserve(t), "READ_TIMEOUT=5m")
	process.Await(t, awaitTime, "the gateway is alive", func() bool { return process.Status(g.URL+"/healthz") == http.StatusOK })
	return g, readers{t, strings.TrimPrefix(g.URL, "http://"), "127.0.0.1"}
}

// Clients that have read a file and keep their connections hold nothing of it.
func TestKeptConnectionsHoldNoFile(t *testing.T) {
	const clients, most = 200, 60 << 20
	g, r := startAlone(t)
	r.get(slow.GetFile)
	before := memory(t, g)
	for range clients {
		if status, body := r.get(slow.GetFile); status != http.StatusOK || len(body) < 1<<20 {
			t.Fatalf("%d, %d bytes", status, len(body))
		}
	}
	if got := grown(t, g, before); got > most {
		t.Errorf("%d clients hold %d bytes; want at most %d", clients, got, most)
	}
}

// Clients that read a file slowly share its bytes.
func TestSlowReadersShareTheFile(t *testing.T) {
	const clients, most = 1000, 150 << 20
	g, r := startAlone(t)
	r.get(slow.GetFile)
	before := memory(t, g)
	for range clients {
		r.stall(slow.GetFile)
	}
	process.Await(t, awaitTime, "all are answered", func() bool { return answered(t, g, slow.File, http.StatusOK) > clients })
	if got := grown(t, g, before); got > most {
		t.Errorf("%d clients hold %d bytes; want at most %d", clients, got, most)
	}
}

// Clients of one address that read long pages slowly get their share of the memory, and
// others are served meanwhile.
func TestSlowReadersOfPagesHaveABudget(t *testing.T) {
	const clients, share = 40, 64 << 20
	dsn := storetest.MySQL(t)
	s := process.StartShipped(t, dsn, "RPC_TIMEOUT=1m", "EXIT_WAIT=1m", "READ_TIMEOUT=5m") // a busy machine is no slow reader
	g := s.Gateways[0]
	r := readers{t, strings.TrimPrefix(g.URL, "http://"), "127.0.0.1"}
	others := readers{t, r.addr, "127.0.0.2"}
	for range slow.Messages {
		if status, body := r.get(post(slow.Message())); status != http.StatusOK {
			t.Fatalf("%d %s", status, body)
		}
	}
	if status, body := others.get(slow.GetPage); status != http.StatusOK || len(body) < 6<<20 {
		t.Fatalf("%d, %d bytes", status, len(body))
	}
	before := memory(t, g)
	for range clients {
		r.stall(slow.GetPage)
	}
	var served, refused int
	process.Await(t, awaitTime, "all are answered", func() bool {
		served, refused = answered(t, g, "/api/pull", http.StatusOK), answered(t, g, "/api/pull", http.StatusServiceUnavailable)
		return served+refused+answered(t, g, "/api/pull", http.StatusGatewayTimeout) > clients
	})
	t.Logf("%d served, %d refused", served-1, refused)
	if got := metric(t, g, "im_http_answer_bytes"); got == 0 || got > share {
		t.Errorf("answers take %d bytes; want at most %d", got, share)
	}
	// Go's heap grows to twice of what is in use.
	if got := grown(t, g, before); got > 3*share {
		t.Errorf("%d clients hold %d bytes; want at most three times %d", clients, got, share)
	}
	if served < 2 || refused < clients/2 {
		t.Errorf("%d served, %d refused of %d; want some of both", served-1, refused, clients)
	}
	if status, _ := r.get(post(`{"chat":"slow:reader","sender":"slow","text":"x"}`)); status != http.StatusOK {
		t.Errorf("a send of the slow readers' address: %d", status)
	}
	if status, body := others.get(slow.GetPage); status != http.StatusOK || len(body) < 6<<20 {
		t.Errorf("a page of another address: %d, %d bytes", status, len(body))
	}
}

// post returns a send with a body.
func post(body string) string {
	return fmt.Sprintf("POST /api/send HTTP/1.1\r\nHost: localhost\r\nContent-Length: %d\r\n\r\n%s", len(body), body)
}
