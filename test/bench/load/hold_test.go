package load

import (
	"context"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"example.com/im/test/bench/message"
)

// A request that still waits at the end of a hold does not count. One that was answered
// counts, and is made again.
func TestHold(t *testing.T) {
	t.Parallel()
	forever := make(chan struct{})
	defer close(forever)
	s := startServer(t, func(n int64, w io.Writer) bool {
		if n > 10 {
			<-forever
		}
		return ok(n, w)
	})
	p := New(s.url, 4)
	t.Cleanup(p.Close)
	begin := time.Now()
	r := p.Hold(t.Context(), Wait(1000, func(uint64) (int, int64) { return 0, 1 }), 100*time.Millisecond, 500*time.Millisecond)
	if len(r.Outcomes) != 1 || r.Outcomes[http.StatusOK] != 10 || s.requests.Load() != 14 {
		t.Errorf("outcomes %v, %d requests; want 10 answers to 14", r.Outcomes, s.requests.Load())
	}
	if took := time.Since(begin); took > grace/2 {
		t.Errorf("the hold took %v", took)
	}
}

// A load ends when its context does, and what that has ended does not count.
func TestInterrupt(t *testing.T) {
	t.Parallel()
	for name, run := range map[string]func(context.Context, *Pool) *Result{
		"open":   func(ctx context.Context, p *Pool) *Result { return p.Open(ctx, Send(10), 100, time.Hour) },
		"closed": func(ctx context.Context, p *Pool) *Result { return p.Closed(ctx, Send(10), time.Hour) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ctx, interrupt := context.WithCancel(t.Context())
			s := startServer(t, func(n int64, w io.Writer) bool {
				if n == 10 {
					interrupt()
				}
				return ok(n, w)
			})
			r := run(ctx, dial(t, s.url, 4))
			if len(r.Outcomes) != 1 || r.Outcomes[http.StatusOK] < 6 || r.Latency.TotalCount() > 1000 {
				t.Errorf("outcomes %v", r.Outcomes)
			}
		})
	}
}

func TestClient(t *testing.T) {
	t.Parallel()
	const long = 3 * readBuffer
	s := startServer(t, func(n int64, w io.Writer) bool {
		switch n {
		case 2:
			write(w, http.StatusOK, "Connection: close\r\n", strings.Repeat("x", long))
			return false
		case 4:
			return false
		}
		return ok(n, w)
	})
	c := NewClient(s.url)
	defer c.Close()
	request := SendTo(func(n uint64) int { return int(n) })
	for n, want := range []int{2, long, 2} {
		status, body, err := c.Do(t.Context(), request, uint64(n), time.Minute)
		if err != nil || status != http.StatusOK || len(body) != want {
			t.Errorf("answer %d: %d, %v, %d bytes; want %d", n, status, err, len(body), want)
		}
	}
	if _, _, err := c.Do(t.Context(), request, 3, time.Minute); err == nil {
		t.Error("a connection that ends without an answer is no error")
	}
	if _, _, err := c.Do(t.Context(), request, 4, time.Minute); err != nil {
		t.Errorf("after a broken connection: %v", err)
	}
	for n := range 5 {
		found := false
		for seen := range s.seen {
			found = found || strings.Contains(seen, message.Chat(n)) && strings.Contains(seen, message.Text(uint64(n)))
		}
		if !found {
			t.Errorf("request %d did not come", n)
		}
	}
	c = NewClient("http://127.0.0.1:1")
	if _, _, err := c.Do(t.Context(), request, 0, time.Minute); err == nil {
		t.Error("a gateway that is not there answers")
	}
}

// Answers that are no HTTP/1.1, or that this client cannot read, are errors.
func TestBadAnswers(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"HTTP/1.0":          "HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n",
		"no status":         "HTTP/1.1 abc\r\nContent-Length: 0\r\n\r\n",
		"short":             "HTTP/1.1\r\n\r\n",
		"chunked":           "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
		"negative length":   "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
		"length is no word": "HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n",
		"too long":          "HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := startServer(t, func(_ int64, w io.Writer) bool {
				_, _ = io.WriteString(w, text)
				return false
			})
			c := NewClient(s.url)
			defer c.Close()
			if status, _, err := c.Do(t.Context(), Send(1), 0, time.Minute); err == nil {
				t.Errorf("taken for status %d", status)
			}
		})
	}
}
