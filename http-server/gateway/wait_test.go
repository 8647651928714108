package gateway

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"example.com/im/http-server/fault"
	"example.com/im/http-server/guard"
	"example.com/im/http-server/param"
	"example.com/im/http-server/request"
	"example.com/im/http-server/rpc/rpctest"
)

// A reader that waits gets the message as soon as there is news of its chat.
func TestWaitForMessage(t *testing.T) {
	t.Parallel()
	rpc := rpctest.NewLively()
	g := startReady(t, rpc.Start(t))
	for i, path := range []string{"/api/pull", "/api/pull/messages"} {
		cursor := int64(10 * (i + 1))
		query := fmt.Sprintf("%s?chat=B:a&cursor=%d&limit=7&wait_ms=30000", path, cursor)
		answer := g.wait(t, query, "X-Request-ID: mine", "Origin: https://example.org")
		g.settled(t, 1)
		begin := time.Now()
		rpc.Commit("a:b", cursor-5, cursor+1)
		r := <-answer
		rpctest.Within(t, begin, "waking the reader")
		if want := fmt.Sprintf(arrived, cursor+1, cursor+2); r.status != http.StatusOK || r.body != want {
			t.Errorf("%s: %d %s; want %s", path, r.status, r.body, want)
		}
		for name, want := range map[string]string{
			"X-Request-ID": "mine", "Access-Control-Allow-Origin": "*", "Cache-Control": "no-store", "Content-Type": "application/json",
		} {
			if got := r.header.Get(name); got != want || len(r.header.Values(name)) != 1 {
				t.Errorf("%s: %s = %q; want %q", path, name, r.header.Values(name), want)
			}
		}
	}
	if got := g.waiting(t); got != 0 {
		t.Errorf("%d readers wait for ever", got)
	}
	if got := g.metric(t, "im_http_requests_total", "route", "/api/pull", "status", "200"); got != 1 {
		t.Errorf("one request counts as %v", got)
	}
}

// A message is not lost if it arrives after a reader has pulled and before it waits.
func TestArrivesBetweenPullAndWait(t *testing.T) {
	t.Parallel()
	g, rpc := startLively(t)
	other := g.wait(t, "/api/pull?chat=x:y&wait_ms=30000") // so that the gateway asks for news
	rpc.SetFound(func() {
		rpc.Commit("a:b", 0, 5)
		rpctest.Eventually(t, "the news are told", func() bool { return rpc.Latest().Position == 1 })
	})
	begin := time.Now()
	if r := g.do(t, "GET", "/api/pull?chat=a:b&wait_ms=30000", ""); r.body != fmt.Sprintf(arrived, 5, 6) {
		t.Errorf("pull: %d %s", r.status, r.body)
	}
	rpctest.Within(t, begin, "the answer")
	g.room.Drain()
	<-other
}

// A message that is there is given at once, and so is an error.
func TestNothingToWaitFor(t *testing.T) {
	t.Parallel()
	rpc := rpctest.NewLively()
	g := startReady(t, rpc.Start(t))
	rpc.Store("a:b", 5)
	begin := time.Now()
	if r := g.do(t, "GET", "/api/pull?chat=a:b&wait_ms=30000", ""); r.body != fmt.Sprintf(arrived, 5, 6) {
		t.Errorf("pull: %d %s", r.status, r.body)
	}
	g.do(t, "GET", "/api/pull?chat=a:c&limit=13&wait_ms=30000", "").wantError(t, http.StatusBadRequest, fault.InvalidArgument, "limit: ")
	rpctest.Within(t, begin, "two answers that are there")
	if got := g.waiting(t); got != 0 {
		t.Errorf("%d readers wait for ever", got)
	}
}

// After its time a reader gets the empty page, with its cursor, without a further
// pull. READ_TIMEOUT is not for readers that wait.
func TestWaitEnds(t *testing.T) {
	t.Parallel()
	rpc := rpctest.NewLively()
	g := startReadyWith(t, func(c *Config) { c.ReadTimeout = 800 * time.Millisecond }, rpc.Start(t))
	_ = g.do(t, "GET", "/api/pull?chat=a:b&wait_ms=1", "")
	g.settled(t, 1)
	_, before := rpc.Counts()
	for name, tc := range map[string]struct{ query, body string }{
		"query":  {"?chat=a:b&cursor=9&wait_ms=1000", ""},
		"body":   {"", `{"chat":"a:b","cursor":9,"wait_ms":1000}`},
		"quoted": {"", `{"chat":"a:b","cursor":"9","wait_ms":"1000"}`},
	} {
		begin := time.Now()
		r := g.do(t, "GET", "/api/pull"+tc.query, tc.body)
		if took := time.Since(begin); r.status != http.StatusOK || r.body != fmt.Sprintf(empty, 9) || took < time.Second {
			t.Errorf("%s: %d %s after %v; want an empty page after 1s", name, r.status, r.body, took)
		}
	}
	if _, pulls := rpc.Counts(); pulls != before+3 {
		t.Errorf("three readers have pulled %d times", pulls-before)
	}
}

func TestWaitMsParses(t *testing.T) {
	t.Parallel()
	for query, want := range map[string]time.Duration{
		"":                              0,
		"&wait_ms=0":                    0,
		"&wait_ms=0&reverse=true":       0,
		"&wait_ms=1":                    time.Millisecond,
		"&wait_ms=30001":                30 * time.Second,
		"&wait_ms=99999999999999999999": 30 * time.Second,
		"&wait_ms=1500&reverse=false":   1500 * time.Millisecond,
	} {
		if p, err := parsePullParams(param.Source{Query: "chat=a:b" + query}, request.Caller{}); err != nil || p.wait != want {
			t.Errorf("%q: %v, %v; want %v", query, p.wait, err, want)
		}
	}
	for query, want := range map[string]string{
		"&wait_ms=-1":                    "wait_ms: must not be negative",
		"&wait_ms=soon":                  "wait_ms: must be an integer",
		"&wait_ms=1.5":                   "wait_ms: must be an integer",
		"&wait_ms=1&reverse=true":        "wait_ms: must not be given with reverse",
		"&wait_ms=1&wait_ms=2":           "wait_ms: must be given once",
		"&wait_ms=-99999999999999999999": "wait_ms: must not be negative",
	} {
		if _, err := parsePullParams(param.Source{Query: "chat=a:b" + query}, request.Caller{}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v; want %s", query, err, want)
		}
	}
}

// A client is told what fails when its reader pulls again.
func TestSecondPullFails(t *testing.T) {
	t.Parallel()
	rpc := rpctest.NewLively()
	g := startReady(t, rpc.Start(t))
	answer := g.wait(t, "/api/pull?chat=a:b&limit=12&wait_ms=30000")
	g.settled(t, 1)
	rpc.RefusePulls()
	rpc.Commit("a:b", 0, 5)
	r := <-answer
	r.wantError(t, http.StatusServiceUnavailable, fault.Unavailable, "")
	if got := g.waiting(t); got != 0 {
		t.Errorf("%d readers wait for ever", got)
	}
}

// MAX_WAITING bounds the readers. While they wait they are no requests in flight, and
// RATE_LIMIT counts each once.
func TestLimitsOfWaiting(t *testing.T) {
	t.Parallel()
	g, rpc := startLively(t, func(c *Config) { c.Wait.Most, c.Guard.MaxRequests, c.Guard.RateLimit.PerSecond = 2, 1, 4 }) // one call is made
	var answers []<-chan reply
	for range 2 {
		answers = append(answers, g.wait(t, "/api/pull?chat=a:b&cursor=2&wait_ms=30000"))
	}
	g.do(t, "GET", "/api/pull?chat=a:b&cursor=3&wait_ms=30000", "").wantError(t, http.StatusServiceUnavailable, fault.Unavailable, "waiting")
	rpc.SetTogether(2)
	rpc.Commit("a:b", 0, 5)
	for _, answer := range answers {
		if r := <-answer; r.status != http.StatusOK || r.body != fmt.Sprintf(arrived, 5, 6) {
			t.Errorf("a reader that was woken: %d %s", r.status, r.body)
		}
	}
	g.wantShed(t, guard.ShedReaders, 1)
	g.wantShed(t, guard.ShedRate, 0)
	if got := g.waiting(t); got != 0 {
		t.Errorf("%d readers wait for ever", got)
	}
}

// An instance that tells news is not therefore taken for one that can serve.
func TestNewsAreNoHealth(t *testing.T) {
	t.Parallel()
	g, rpcs := startFleet(t, 2)
	answer := g.wait(t, "/api/pull?chat=a:b&cursor=3&wait_ms=30000")
	rpcs[0].RefusePulls()
	at := int64(0)
	rpctest.Eventually(t, "the instance that refuses all is passed over", func() bool {
		_, before := rpcs[0].Counts()
		for i := range 40 {
			at++
			rpcs[0].Commit("a:c", at-1, at)
			_ = g.do(t, "GET", fmt.Sprintf("/api/pull?chat=a:b%d", i), "")
			time.Sleep(2 * time.Millisecond) // in which news are told
		}
		_, after := rpcs[0].Counts()
		return after == before
	})
	g.room.Drain()
	<-answer
}
