package gateway

import (
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"example.com/im/http-server/fault"
	"example.com/im/http-server/rpc/rpctest"
	"example.com/im/idl/gen/im"
)

func TestHealth(t *testing.T) {
	t.Parallel()
	var code atomic.Int64
	rpc := &rpctest.Fake{OnHealth: func() im.Code { return im.Code(code.Load()) }}
	g := startReady(t, rpc.Start(t))
	for path, want := range map[string]string{
		"/ping": `{"message":"pong"}`, "/healthz": `{"status":"ok"}`, "/readyz": `{"status":"ready"}`,
	} {
		if r := g.do(t, "GET", path, ""); r.status != http.StatusOK || r.body != want {
			t.Errorf("%s: %d %s; want %s", path, r.status, r.body, want)
		}
		if r := g.do(t, "HEAD", path, ""); r.status != http.StatusOK || r.body != "" {
			t.Errorf("HEAD %s: %d %s", path, r.status, r.body)
		}
	}
	code.Store(int64(im.Code_UNAVAILABLE))
	var unready reply
	rpctest.Eventually(t, "/readyz fails", func() bool {
		unready = g.do(t, "GET", "/readyz", "")
		return unready.status != http.StatusOK
	})
	unready.wantError(t, http.StatusServiceUnavailable, fault.Unavailable, "")
	if r := g.do(t, "GET", "/healthz", ""); r.status != http.StatusOK {
		t.Errorf("/healthz: %d %s", r.status, r.body)
	}
}

func TestReadyWhileOneOfTheInstancesIs(t *testing.T) {
	t.Parallel()
	unable := &rpctest.Fake{OnHealth: func() im.Code { return im.Code_UNAVAILABLE }}
	// A check that waited for the frozen one would not be answered.
	g := startReadyWith(t, func(c *Config) { c.RPC.Timeout = time.Minute }, rpctest.StartFrozen(t), unable.Start(t), (&rpctest.Fake{}).Start(t))
	if r := g.do(t, "GET", "/readyz", ""); r.status != http.StatusOK {
		t.Errorf("/readyz: %d %s", r.status, r.body)
	}
	for range 3 { // each asks the rpc-servers
		if err := g.rpc.Health(t.Context()); err != nil {
			t.Error(err)
		}
	}
}

func TestWrongPathOrMethod(t *testing.T) {
	t.Parallel()
	g := startReady(t, (&rpctest.Fake{}).Start(t))
	for _, path := range []string{"/page", "/page/", "/page/nope.js", "/index.html", "/api", "/api/", "/api/send//", "/api/chats//", "/ping//", "/docs/", "/API/send", "/nope?x=1"} {
		g.do(t, "GET", path, "").wantError(t, http.StatusNotFound, fault.NotFound, "")
	}
	for call, allow := range map[string]string{
		"GET /api/send":      "OPTIONS, POST",
		"DELETE /api/send":   "OPTIONS, POST",
		"POST /api/pull":     "OPTIONS, GET, HEAD",
		"POST /api/chats":    "OPTIONS, GET, HEAD",
		"POST /api/sync":     "OPTIONS, GET, HEAD",
		"GET /api/read":      "OPTIONS, POST",
		"PUT /api/members/":  "OPTIONS, GET, HEAD, POST",
		"PUT /healthz":       "OPTIONS, GET, HEAD",
		"POST /":             "OPTIONS, GET, HEAD",
		"GET /api/send/":     "OPTIONS, POST",
		"POST /ping/":        "OPTIONS, GET, HEAD",
		"NONSENSE /api/pull": "OPTIONS, GET, HEAD",
	} {
		method, path, _ := strings.Cut(call, " ")
		r := g.do(t, method, path, "")
		r.wantError(t, http.StatusMethodNotAllowed, fault.MethodNotAllowed, "")
		if got := r.header.Get("Allow"); got != allow {
			t.Errorf("%s: Allow = %q; want %q", call, got, allow)
		}
	}
	if r := g.do(t, "OPTIONS", "/api/send", ""); r.status != http.StatusNoContent || r.header.Get("Allow") != "OPTIONS, POST" {
		t.Errorf("OPTIONS: %d, Allow %q", r.status, r.header.Get("Allow"))
	}
}

// A slash at the end of a call's path changes nothing. Two make another path.
func TestSlashAtTheEnd(t *testing.T) {
	t.Parallel()
	g := startReady(t, (&rpctest.Fake{}).Start(t))
	for _, call := range []string{
		"POST /api/send", "GET /api/pull", "GET /api/pull/messages", "GET /api/chats", "GET /api/sync", "GET /api/members", "POST /api/members",
		"POST /api/read", "GET /ping", "GET /healthz", "GET /readyz",
	} {
		method, path, _ := strings.Cut(call, " ")
		body := `{"chat":"a:b","sender":"a","text":"x","member":"a","by":"a"}`
		plain, slash := g.do(t, method, path, body), g.do(t, method, path+"/", body)
		if slash.status != http.StatusOK || slash.body != plain.body || slash.header.Get("Cache-Control") != plain.header.Get("Cache-Control") {
			t.Errorf("%s/: %+v; want %+v", call, slash, plain)
		}
		for _, method := range []string{method, "OPTIONS", "DELETE"} {
			g.do(t, method, path+"//", body).wantError(t, http.StatusNotFound, fault.NotFound, "")
		}
	}
	for path, want := range map[string]float64{"/api/send": 2, "/api/members": 4, "/ping": 2, "/api/members/": 0} { // not apart, for their slash
		if got := g.metric(t, "im_http_requests_total", "route", path, "status", "200"); got != want {
			t.Errorf("%v requests of %s are counted; want %v", got, path, want)
		}
	}
}
