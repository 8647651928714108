package gateway

import (
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"example.com/im/http-server/fault"
	"example.com/im/http-server/openapi"
	"example.com/im/http-server/page"
	"example.com/im/http-server/rpc/rpctest"
	"example.com/im/idl/gen/im"
)

// However many ask whether the gateway is ready, the rpc-servers are asked a few times a
// second. RATE_LIMIT does not refuse those who ask.
func TestReadinessIsShared(t *testing.T) {
	t.Parallel()
	const callers, calls = 8, 50
	var checks atomic.Int64
	fake := &rpctest.Fake{OnHealth: func() im.Code {
		checks.Add(1)
		return im.Code_OK
	}}
	g := startReadyWith(t, func(c *Config) { c.Guard.RateLimit.PerSecond = 1 }, fake.Start(t))
	begin := time.Now()
	var wg sync.WaitGroup
	for range callers {
		wg.Go(func() {
			for range calls {
				if r := g.do(t, "GET", "/readyz", ""); r.status != http.StatusOK {
					t.Errorf("%d %s", r.status, r.body)
				}
			}
		})
	}
	wg.Wait()
	if most := int64(time.Since(begin)/readyTime) + 1; checks.Load() > most {
		t.Errorf("%d checks; want at most %d", checks.Load(), most)
	}
}

// Under RATE_LIMIT a client gets all files at once, and then no more of them than calls.
func TestRateOfFiles(t *testing.T) {
	t.Parallel()
	g := startReadyWith(t, func(c *Config) { c.Guard.RateLimit.PerSecond = 1 }, (&rpctest.Fake{}).Start(t))
	for _, file := range append(page.Files(), openapi.Files()...) {
		if r := g.do(t, "GET", file.Path, ""); r.status != http.StatusOK {
			t.Fatalf("%s: %d %s", file.Path, r.status, r.body)
		}
	}
	var refused reply
	rpctest.Eventually(t, "a file is refused", func() bool {
		refused = g.do(t, "GET", "/page/app.js", "")
		return refused.status != http.StatusOK
	})
	refused.wantError(t, http.StatusServiceUnavailable, fault.Unavailable, "rate limit: more than 1 files a second")
	for _, path := range []string{"/ping", "/healthz", "/readyz", "/api/pull?chat=a:b"} {
		if r := g.do(t, "GET", path, ""); r.status != http.StatusOK {
			t.Errorf("%s: %d %s", path, r.status, r.body)
		}
	}
}
