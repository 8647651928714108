package gateway

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"example.com/im/http-server/fault"
	"example.com/im/http-server/rpc/rpctest"
	"example.com/im/idl/gen/im"
)

// rebound is what a browser sends to a loopback address to which a name of another site
// leads, and to that address by its own name.
const rebound, own = "evil.example", "localhost"

// calledBy returns a request that names a host.
func calledBy(host, call string) string {
	const body = `{"chat":"doe:john","text":"hi","sender":"john"}`
	return fmt.Sprintf("%s HTTP/1.1\r\nHost: %s\r\nContent-Length: %d\r\n\r\n%s", call, host, len(body), body)
}

// A page of another site whose name leads to the loopback address gets nothing.
func TestRebinding(t *testing.T) {
	t.Parallel()
	rpc := &rpctest.Fake{OnSend: func(context.Context, *im.Message) (*im.SendResponse, error) {
		return &im.SendResponse{SendTime: new(int64(1))}, nil
	}}
	g := startReadyWith(t, func(c *Config) { c.Guard.Hosts.Allowed = nil }, rpc.Start(t))
	for _, call := range []string{
		"POST /api/send", "GET /api/pull", "GET /api/pull?wait_ms=30000", "OPTIONS /api/send", "GET /", "GET /docs", "GET /nothing",
		"PUT /api/send", "GET http://evil.example/api/pull",
	} {
		for _, host := range []string{rebound, rebound + ":8080", "localhost.evil.example", "10.0.0.1", "[fe80::1]"} {
			if strings.Contains(call, "http://") {
				host = own // the target counts more (RFC 9112, 3.2.2)
			}
			r := g.rawOne(t, calledBy(host, call))
			r.wantError(t, http.StatusMisdirectedRequest, fault.Misdirected, "nothing is stored")
			if r.header.Get("Cache-Control") != "no-store" {
				t.Errorf("%s at %s: headers %v", call, host, r.header)
			}
		}
		if r := g.rawOne(t, calledBy(own, strings.Replace(call, rebound, own, 1))); r.status == http.StatusMisdirectedRequest {
			t.Errorf("%s at %s: %d %s", call, own, r.status, r.body)
		}
	}
	if got := g.metric(t, "im_rpc_client_requests_total", "method", "Send"); got != 1 {
		t.Errorf("%v sends have come to the rpc-server; want that of %s", got, own)
	}
}

// Health checks come by addresses.
func TestHealthByAnyHost(t *testing.T) {
	t.Parallel()
	g := startReadyWith(t, func(c *Config) { c.Guard.Hosts.Allowed = []string{"im.example"} }, (&rpctest.Fake{}).Start(t))
	for _, path := range []string{"/ping", "/healthz", "/readyz", "/readyz/"} {
		if r := g.rawOne(t, calledBy("10.0.0.1:8080", "GET "+path)); r.status != http.StatusOK {
			t.Errorf("%s: %d %s", path, r.status, r.body)
		}
	}
	if r := g.do(t, "GET", "/api/pull?chat=a:b", ""); r.status != http.StatusMisdirectedRequest {
		t.Errorf("by an address: %d %s", r.status, r.body)
	}
	if r := g.rawOne(t, calledBy("IM.Example.:80", "GET /api/pull")); r.status != http.StatusOK {
		t.Errorf("by its name: %d %s", r.status, r.body)
	}
	// No browser leaves Host out, so nobody can be deceived by what names no host.
	if r := g.rawOne(t, "GET /api/pull?chat=a:b HTTP/1.0\r\n\r\n"); r.status != http.StatusOK {
		t.Errorf("by no name: %d %s", r.status, r.body)
	}
}

// A reader by an allowed name waits, and comes back.
func TestAllowedHostWaits(t *testing.T) {
	t.Parallel()
	g, rpc := startLively(t, func(c *Config) { c.Guard.Hosts.Allowed = []string{"127.0.0.1", "im.example"} })
	c := g.open(t, strings.Replace(waitingRequest, "Host: x", "Host: im.example", 1))
	g.awaitReaders(t, 1)
	rpc.Commit("a:b", 0, 5)
	if r := c.answer(t, "GET"); r.body != fmt.Sprintf(arrived, 5, 6) {
		t.Errorf("the pull: %d %s", r.status, r.body)
	}
}
