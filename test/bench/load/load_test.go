package load

import (
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"
)

// An open loop shows a server's stall in the latencies of all requests that were due
// meanwhile. A closed loop over one connection shows it once.
func TestOpenCountsFromIntendedTime(t *testing.T) {
	t.Parallel()
	const (
		stall = 600 * time.Millisecond
		rate  = 500
	)
	stalled := func(n int64, w io.Writer) bool {
		if n == rate/10 {
			time.Sleep(stall) // what is simulated
		}
		return ok(n, w)
	}
	p := dial(t, startServer(t, stalled).url, 1)
	r := p.Open(t.Context(), Send(10), rate, time.Second)
	if n := r.Outcomes[http.StatusOK]; n != rate {
		t.Errorf("%v; want %d answers", r.Outcomes, rate)
	}
	// 60 % came during the stall, and waited for half of it on the average.
	for percentile, least := range map[float64]time.Duration{60: stall / 10, 75: stall / 4, 90: stall / 2} {
		if got := r.Percentile(percentile); got < least {
			t.Errorf("%v %% took at most %v; want at least %v", percentile, got, least)
		}
	}
	if r.Took != time.Second {
		t.Errorf("took %v", r.Took)
	}

	p = dial(t, startServer(t, stalled).url, 1)
	r = p.Closed(t.Context(), Send(10), 2*time.Second)
	if got := r.Percentile(90); got >= stall/2 || time.Duration(r.Latency.Max())*time.Microsecond < stall {
		t.Errorf("closed loop: 90 %% took at most %v, the longest %v; want one that took %v",
			got, time.Duration(r.Latency.Max())*time.Microsecond, stall)
	}
}

// Requests that no connection was free for count, with the time that they waited.
func TestOpenCountsWhatWasNotSent(t *testing.T) {
	t.Parallel()
	release := make(chan struct{})
	p := dial(t, startServer(t, func(n int64, w io.Writer) bool {
		<-release
		return ok(n, w)
	}).url, 2)
	defer close(release)
	begin := time.Now()
	r := p.open(t.Context(), Send(10), 100, time.Second, time.Second)
	if r.Outcomes[NotSent] != 98 || r.Outcomes[NoAnswer] != 2 || r.Rate() != 0 {
		t.Errorf("%v; want 98 not sent and 2 without an answer", r.Outcomes)
	}
	for _, c := range p.conns {
		if c.Conn != nil {
			t.Error("a connection is kept on which a late answer can come")
		}
	}
	if got := r.Percentile(50); got < time.Second || time.Since(begin) > grace {
		t.Errorf("half took at most %v; want at least 1s", got)
	}
}

// The pool counts each outcome and replaces broken connections. It does not use a
// connection again on which a late answer may come.
func TestOutcomes(t *testing.T) {
	t.Parallel()
	respond := func(n int64, w io.Writer) bool {
		switch n % 10 {
		case 1:
			write(w, http.StatusServiceUnavailable, "", `{"error":"busy"}`)
		case 2:
			return false // hangs up without an answer
		case 3:
			write(w, http.StatusOK, "Connection: close\r\n", "{}")
			return false
		case 4:
			_, _ = io.WriteString(w, "nonsense\r\n\r\n")
			return false
		default:
			return ok(n, w)
		}
		return true
	}
	for name, run := range map[string]func(*Pool) *Result{
		"open":   func(p *Pool) *Result { return p.Open(t.Context(), Send(10), 300, time.Second) },
		"closed": func(p *Pool) *Result { return p.Closed(t.Context(), Send(10), time.Second) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := startServer(t, respond)
			r := run(dial(t, s.url, 4))
			n := int(s.requests.Load())
			if n < 100 {
				t.Fatalf("only %d requests", n)
			}
			for outcome, share := range map[int]int{http.StatusOK: 7, http.StatusServiceUnavailable: 1, NoAnswer: 2} {
				if got, want := r.Outcomes[outcome], n*share/10; got < want-share || got > want+share {
					t.Errorf("outcome %d: %d times in %d requests; want %d", outcome, got, n, want)
				}
			}
			if r.Example == "" || r.Answered()+r.Outcomes[NoAnswer] != n {
				t.Errorf("example %q, %d answers of %d", r.Example, r.Answered(), n)
			}
			if r.InTime == 0 || r.InTime > r.Outcomes[http.StatusOK] {
				t.Errorf("%d answered 200 in time, of %d", r.InTime, r.Outcomes[http.StatusOK])
			}
			if name == "open" && n != 300 {
				t.Errorf("%d requests; want 300", n)
			}
			for request, times := range s.seen {
				if times > 1 {
					t.Errorf("%s came %d times", request, times)
				}
			}
		})
	}
}

// A pool serves one load after the other, of either kind.
func TestPoolIsUsedAgain(t *testing.T) {
	t.Parallel()
	p := dial(t, startServer(t, ok).url, 8)
	local := p.conns[0].LocalAddr()
	for range 3 {
		for _, r := range []*Result{
			p.Open(t.Context(), Newest(10, 20), 200, 100*time.Millisecond),
			p.Closed(t.Context(), Newest(10, 20), 100*time.Millisecond),
		} {
			if len(r.Outcomes) != 1 || r.Answered() == 0 || r.Bytes != 2*int64(r.Answered()) {
				t.Errorf("outcomes %v, %d bytes", r.Outcomes, r.Bytes)
			}
		}
	}
	if p.conns[0].LocalAddr() != local {
		t.Error("the connections are not kept")
	}
}

// Without a gateway every request fails, and the loads still end.
func TestNoGateway(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	url := "http://" + listener.Addr().String()
	p := &Pool{addr: listener.Addr().String(), conns: []*conn{new(conn)}}
	_ = listener.Close()
	if _, err := Dial(t.Context(), url, 1); err == nil || !strings.Contains(err.Error(), "refused") {
		t.Errorf("Dial = %v; want … refused …", err)
	}
	if r := p.Open(t.Context(), Send(1), 50, 200*time.Millisecond); r.Outcomes[NoAnswer] != 10 || !strings.Contains(r.Example, "refused") {
		t.Errorf("open: %v, %s; want 10 without an answer", r.Outcomes, r.Example)
	}
	if r := p.Closed(t.Context(), Send(1), 200*time.Millisecond); r.Outcomes[NoAnswer] == 0 || len(r.Outcomes) > 1 {
		t.Errorf("closed: %v; want none with an answer", r.Outcomes)
	}
}
