package gateway

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"example.com/im/http-server/fault"
	"example.com/im/http-server/rpc/rpctest"
	"example.com/im/idl/gen/im"
)

// What a page of a foreign origin sends comes to no rpc-server, whatever it is and
// wherever it goes. Nor is a file of the gateway for such a page.
func TestForeignOrigin(t *testing.T) {
	t.Parallel()
	var sent atomic.Int64
	rpc := &rpctest.Fake{OnSend: func(context.Context, *im.Message) (*im.SendResponse, error) {
		sent.Add(1)
		return &im.SendResponse{SendTime: new(int64(1))}, nil
	}}
	g := startReadyWith(t, func(c *Config) { c.Guard.CORSOrigins = []string{"https://a.example"} }, rpc.Start(t))
	body := `{"chat":"doe:john","text":"hi","sender":"john"}`
	for _, origin := range []string{
		"https://x.example", "https://a.example.net", "http://a.example", "https://a.example:8443", "null",
		"https://x.example https://a.example", "a.example", "file://", g.url + ".example", "://" + g.Addr().String(),
	} {
		for _, call := range []string{
			"POST /api/send", "GET /api/pull?chat=a:b", "OPTIONS /api/send", "GET /readyz", "GET /", "GET /nothing", "PUT /api/send",
		} {
			method, path, _ := strings.Cut(call, " ")
			r := g.do(t, method, path, body, "Origin: "+origin, "Content-Type: text/plain", "Sec-Fetch-Site: cross-site")
			r.wantError(t, http.StatusForbidden, fault.Forbidden, "nothing is stored")
			if r.header.Get("Access-Control-Allow-Origin") != "" || r.header.Get("Vary") != "Origin" || r.header.Get("Cache-Control") != "no-store" {
				t.Errorf("%s of %s: headers %v", call, origin, r.header)
			}
		}
	}
	if n := sent.Load(); n != 0 {
		t.Errorf("%d messages were stored", n)
	}
}

// The gateway's own page may call whatever CORS_ORIGINS says, behind a proxy as well. So
// may those who are no page.
func TestOwnOrigin(t *testing.T) {
	t.Parallel()
	g := startReadyWith(t, func(c *Config) { c.Guard.CORSOrigins = []string{"https://a.example"} }, (&rpctest.Fake{}).Start(t))
	for name, tc := range map[string]struct{ host, headers string }{
		"no page":               {"im.example", ""},
		"in the list":           {"im.example", "Origin: https://a.example\r\n"},
		"as it came":            {"im.example:8080", "Origin: http://im.example:8080\r\n"},
		"an address":            {"[::1]:8080", "Origin: http://[::1]:8080\r\n"},
		"TLS ends before":       {"im.example", "Origin: https://im.example\r\n"},
		"a port of TLS":         {"im.example:443", "Origin: https://im.example\r\n"},
		"a port of none":        {"im.example:80", "Origin: http://im.example\r\n"},
		"upper case":            {"IM.example", "Origin: https://im.example\r\n"},
		"the host was changed":  {"backend:8080", "Origin: https://im.example\r\nSec-Fetch-Site: same-origin\r\n"},
		"its port was left out": {"im.example", "Origin: https://im.example:8443\r\nSec-Fetch-Site: same-origin\r\n"},
	} {
		r := g.rawOne(t, fmt.Sprintf("GET /api/pull?chat=a:b HTTP/1.1\r\nHost: %s\r\n%s\r\n", tc.host, tc.headers))
		if r.status != http.StatusOK {
			t.Errorf("%s: %d %s", name, r.status, r.body)
		}
	}
	for name, tc := range map[string]struct{ host, headers string }{
		"a port":                {"im.example:8080", "Origin: http://im.example\r\n"},
		"another port":          {"im.example", "Origin: https://im.example:8443\r\n"},
		"the other's port":      {"im.example:80", "Origin: https://im.example\r\n"},
		"a sub domain":          {"im.example", "Origin: https://x.im.example\r\nSec-Fetch-Site: same-site\r\n"},
		"the browser's word":    {"backend:8080", "Origin: https://im.example\r\nSec-Fetch-Site: cross-site\r\n"},
		"nobody's, sandboxed":   {"im.example", "Origin: null\r\nSec-Fetch-Site: same-origin\r\n"},
		"not of the web's":      {"im.example", "Origin: app://im.example\r\n"},
		"by the target, not it": {"x.example", "Origin: https://x.example\r\n"},
	} {
		target := "/api/pull?chat=a:b"
		if strings.HasPrefix(name, "by the target") {
			target = "http://im.example" + target // it counts more than Host (RFC 9112, 3.2.2)
		}
		r := g.rawOne(t, fmt.Sprintf("GET %s HTTP/1.1\r\nHost: %s\r\n%s\r\n", target, tc.host, tc.headers))
		if r.status != http.StatusForbidden {
			t.Errorf("%s: %d %s", name, r.status, r.body)
		}
	}
}

// A reader of the gateway's own page waits, and comes back, whatever CORS_ORIGINS says.
func TestOwnOriginWaits(t *testing.T) {
	t.Parallel()
	g, rpc := startLively(t, func(c *Config) { c.Guard.CORSOrigins = []string{"https://a.example"} })
	c := g.open(t, strings.Replace(waitingRequest, "Host: x\r\n", "Host: x\r\nOrigin: https://x\r\n", 1))
	g.awaitReaders(t, 1)
	rpc.Commit("a:b", 0, 5)
	if r := c.answer(t, "GET"); r.body != fmt.Sprintf(arrived, 5, 6) {
		t.Errorf("the pull: %d %s", r.status, r.body)
	}
}
