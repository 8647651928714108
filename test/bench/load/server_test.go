package load

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
)

// server is an HTTP/1.1 server that answers as respond says.
type server struct {
	url      string
	requests atomic.Int64
	mu       sync.Mutex
	seen     map[string]int
}

// startServer starts a server. respond writes the answer to the nth request and
// reports whether the connection goes on.
func startServer(t *testing.T, respond func(n int64, w io.Writer) bool) *server {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	s := &server{url: "http://" + listener.Addr().String(), seen: make(map[string]int)}
	go func() {
		for {
			c, err := listener.Accept()
			if err != nil {
				return
			}
			go s.serve(c, respond)
		}
	}()
	return s
}

func (s *server) serve(c net.Conn, respond func(n int64, w io.Writer) bool) {
	defer func() { _ = c.Close() }()
	reader := bufio.NewReader(c)
	for {
		req, err := http.ReadRequest(reader)
		if err != nil {
			return
		}
		body, err := io.ReadAll(req.Body)
		if err != nil {
			return
		}
		s.mu.Lock()
		s.seen[req.Method+" "+req.URL.String()+" "+string(body)]++
		s.mu.Unlock()
		if !respond(s.requests.Add(1), c) {
			return
		}
	}
}

// write writes an answer of HTTP/1.1.
func write(w io.Writer, status int, header, body string) {
	fmt.Fprintf(w, "HTTP/1.1 %d x\r\nServer: x\r\n%sContent-Length: %d\r\n\r\n%s", status, header, len(body), body)
}

// ok answers every request.
func ok(_ int64, w io.Writer) bool {
	write(w, http.StatusOK, "", "{}")
	return true
}

func dial(t *testing.T, url string, connections int) *Pool {
	t.Helper()
	p, err := Dial(t.Context(), url, connections)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Close)
	return p
}
