package gateway

import (
	"fmt"
	"testing"

	"example.com/im/http-server/rpc/rpctest"
	"example.com/im/idl/gen/im"
)

const (
	empty   = `{"messages":[],"has_more":false,"next_cursor":%d}`
	arrived = `{"messages":[{"chat":"a:b","text":"x","sender":"a","send_time":%d}],"has_more":false,"next_cursor":%d}`
)

// wait makes a pull that waits, and returns its answer when it comes.
func (g *testGateway) wait(t *testing.T, path string, headers ...string) <-chan reply {
	t.Helper()
	before := g.waiting(t)
	answer := make(chan reply, 1)
	go func() { answer <- g.do(t, "GET", path, "", headers...) }()
	rpctest.Eventually(t, "the reader has pulled, and waits", func() bool {
		return g.waiting(t) > before && g.metric(t, "im_http_requests_in_flight") == 0 || len(answer) > 0
	})
	return answer
}

// settled waits until so many sources work: the gateway has taken their first news, which
// says that what came before is lost.
func (g *testGateway) settled(t *testing.T, sources int) {
	t.Helper()
	rpctest.Eventually(t, "the sources work", func() bool { return int(g.metric(t, "im_http_feeds")) == sources })
}

// wakes returns how many readers were woken for a reason.
func (g *testGateway) wakes(t *testing.T, reason string) int {
	t.Helper()
	return int(g.metric(t, "im_http_wakes_total", "reason", reason))
}

// waiting returns how many readers wait.
func (g *testGateway) waiting(t *testing.T) int {
	t.Helper()
	return int(g.metric(t, "im_http_waiting_readers"))
}

// startLively serves a gateway, and an rpc-server whose first news it has taken.
func startLively(t *testing.T, change ...func(*Config)) (*testGateway, *rpctest.Lively) {
	t.Helper()
	rpc := rpctest.NewLively()
	g := startReadyWith(t, func(c *Config) {
		for _, f := range change {
			f(c)
		}
	}, rpc.Start(t))
	_ = g.do(t, "GET", "/api/pull?chat=a:b&wait_ms=1", "")
	g.settled(t, 1)
	return g, rpc
}

func (g *testGateway) awaitReaders(t *testing.T, n int) {
	t.Helper()
	rpctest.Eventually(t, fmt.Sprintf("%d readers have pulled, and wait", n), func() bool {
		return g.waiting(t) == n && g.metric(t, "im_http_requests_in_flight") == 0
	})
}

// noNews makes every reader pull.
var noNews = &im.WatchResponse{Lost: new(true)}

// startFleet serves a gateway that asks several rpc-servers for news.
func startFleet(t *testing.T, n int) (*testGateway, []*rpctest.Lively) {
	t.Helper()
	rpcs, addresses := make([]*rpctest.Lively, n), make([]string, n)
	for i := range rpcs {
		rpcs[i] = rpctest.NewLively()
		addresses[i] = rpcs[i].Start(t)
	}
	g := startReady(t, addresses...)
	_ = g.do(t, "GET", "/api/pull?chat=a:b&wait_ms=1", "")
	g.settled(t, n)
	return g, rpcs
}

// store keeps a message of a:b on all rpc-servers, as a database does.
func store(rpcs []*rpctest.Lively, at int64) {
	for _, r := range rpcs {
		r.Store("a:b", at)
	}
}
