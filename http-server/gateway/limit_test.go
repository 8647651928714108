package gateway

import (
	"bytes"
	"log/slog"
	"net/http"
	"net/netip"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"example.com/im/http-server/fault"
	"example.com/im/http-server/guard"
	"example.com/im/http-server/rpc/rpctest"
	"example.com/im/idl/gen/im"
)

// A call over the limit is not handled. It is answered as the contract says.
func TestRateLimitedCall(t *testing.T) {
	t.Parallel()
	log := &lockedBuffer{}
	var sent atomic.Int64
	rpc := &rpctest.Fake{Sent: func(*im.SendRequest) { sent.Add(1) }}
	g := startReadyWith(t, func(c *Config) {
		c.Guard.RateLimit.PerSecond = 1
		c.Guard.Peers.Proxies = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}
		c.Log = slog.New(slog.NewJSONHandler(log, nil))
	}, rpc.Start(t))
	call := func(client string) reply {
		return g.do(t, "POST", "/api/send", `{"chat":"doe:john","text":"hi","sender":"john"}`, guard.ForwardedHeader+": "+client)
	}
	var refused reply
	stored := int64(0)
	rpctest.Eventually(t, "a call is refused", func() bool {
		refused = call("192.0.2.1")
		if refused.status == http.StatusOK {
			stored++
		}
		return refused.status != http.StatusOK
	})
	refused.wantError(t, http.StatusServiceUnavailable, fault.Unavailable, "rate limit: more than 1 calls a second")
	if got := refused.header.Get("Cache-Control"); got != "no-store" {
		t.Errorf("Cache-Control = %q", got)
	}
	if got := sent.Load(); got != stored {
		t.Errorf("%d calls reached the rpc-server; want the %d that succeeded", got, stored)
	}
	if r := call("192.0.2.2"); r.status != http.StatusOK {
		t.Errorf("another client: %d %s", r.status, r.body)
	}
	for range 10 {
		if r := g.do(t, "GET", "/ping", "", guard.ForwardedHeader+": 192.0.2.1"); r.status != http.StatusOK {
			t.Errorf("/ping: %d %s", r.status, r.body)
		}
	}
	g.wantShed(t, guard.ShedRate, 1)
	if got := log.String(); strings.Count(got, "over the rate limit") != 1 || !strings.Contains(got, `"client":"192.0.2.1/32"`) {
		t.Errorf("log = %s; want one line that names the client", got)
	}
}

// Calls over the limit do not take the lines of the log that tell of outages.
func TestRateLimitedCallsDoNotFillTheLog(t *testing.T) {
	t.Parallel()
	log := &lockedBuffer{}
	g := startReadyWith(t, func(c *Config) {
		c.Guard.RateLimit.PerSecond, c.Log = 1, slog.New(slog.NewJSONHandler(log, nil))
	}, (&rpctest.Fake{}).Start(t))
	refused := 0
	start := time.Now()
	for range 200 {
		if g.do(t, "GET", "/api/pull?chat=a:b", "").status == http.StatusServiceUnavailable {
			refused++
		}
	}
	most := 1 + int(time.Since(start)/time.Second)
	if got := bytes.Count([]byte(log.String()), []byte("\n")); refused == 0 || got > most {
		t.Errorf("%d lines of %d refused calls; want at most %d", got, refused, most)
	}
}

// By default there is no limit.
func TestNoRateLimit(t *testing.T) {
	t.Parallel()
	g := startReady(t, (&rpctest.Fake{}).Start(t))
	for range 300 {
		if r := g.do(t, "GET", "/api/pull?chat=a:b", ""); r.status != http.StatusOK {
			t.Fatalf("answer = %d %s", r.status, r.body)
		}
	}
}
