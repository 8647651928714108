package gateway

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"example.com/im/http-server/fault"
	"example.com/im/http-server/identity"
	"example.com/im/http-server/page"
	"example.com/im/http-server/rpc/rpctest"
)

// startDiscovery serves what an issuer tells of itself, from when found is set. Parts of
// it, a JSON object without its braces, come beside what it has to tell.
func startDiscovery(t *testing.T, found *atomic.Bool, parts string) (issuer string) {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/.well-known/openid-configuration" || !found.Load() {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write([]byte(`{"issuer":"` + issuer + `","jwks_uri":"` + issuer + `/keys",` + parts + `}`))
	}))
	t.Cleanup(server.Close)
	issuer = server.URL
	return issuer
}

// startFor serves a gateway that asks for tokens of an issuer.
func startFor(t *testing.T, issuer, client string) *testGateway {
	t.Helper()
	return startGateway(t, rpctest.NewRegistry(), func(cfg *Config) {
		cfg.Identity = identity.Settings{
			Issuer: issuer, Audience: "chat", MemberClaim: "name", ClientID: client, Scope: "openid email",
		}
	})
}

const endpoints = `"authorization_endpoint":"https://id.example/auth","token_endpoint":"https://id.example:8443/token"`

// A page learns how to get a token as soon as the issuer is found, and may then call where
// tokens are to be had.
func TestSignIn(t *testing.T) {
	t.Parallel()
	var found atomic.Bool
	issuer := startDiscovery(t, &found, endpoints+`,"end_session_endpoint":"https://id.example/end"`)
	g := startFor(t, issuer, "page")
	g.do(t, "GET", "/sign-in.json", "").wantError(t, http.StatusServiceUnavailable, fault.Unavailable, "identity server")
	before := g.do(t, "GET", page.Home, "")
	found.Store(true)
	var r reply
	rpctest.Eventually(t, "the issuer is found", func() bool {
		r = g.do(t, "GET", "/sign-in.json", "")
		return r.status == http.StatusOK
	})
	if want := `{"required":true,"issuer":"` + issuer + `","authorization_endpoint":"https://id.example/auth",` +
		`"token_endpoint":"https://id.example:8443/token","end_session_endpoint":"https://id.example/end",` +
		`"client_id":"page","scope":"openid email","member_claim":"name"}`; r.body != want {
		t.Errorf("answer = %s; want %s", r.body, want)
	}
	if got := r.header.Get("Cache-Control"); got != "no-store" {
		t.Errorf("Cache-Control = %q", got)
	}
	if head := g.do(t, "HEAD", "/sign-in.json", ""); head.status != http.StatusOK || head.body != "" {
		t.Errorf("HEAD: %d, %q", head.status, head.body)
	}
	after := g.do(t, "GET", page.Home, "", "If-None-Match: "+before.header.Get("ETag"))
	if after.status != http.StatusOK {
		t.Errorf("the page with its new policy: %d; want it whole", after.status)
	}
	if want, got := "connect-src 'self' https://id.example:8443;", after.header.Get("Content-Security-Policy"); !strings.Contains(got, want) {
		t.Errorf("Content-Security-Policy = %q; want %q", got, want)
	}
	if got := before.header.Get("Content-Security-Policy"); !strings.Contains(got, "connect-src 'self';") {
		t.Errorf("before the issuer is found, Content-Security-Policy = %q", got)
	}
}

// A page is told where it cannot sign anybody in, and where nobody is asked.
func TestNoSignIn(t *testing.T) {
	t.Parallel()
	var found atomic.Bool
	for name, tc := range map[string]struct {
		g    *testGateway
		want string
	}{
		"nobody is asked": {startGateway(t, rpctest.NewRegistry()), `{}`},
		"no client":       {startFor(t, startDiscovery(t, &found, endpoints), ""), `{"required":true}`},
	} {
		r := tc.g.do(t, "GET", "/sign-in.json", "")
		if r.status != http.StatusOK || r.body != tc.want || r.header.Get("Cache-Control") != "no-store" {
			t.Errorf("%s: %d %s %v; want %s", name, r.status, r.body, r.header, tc.want)
		}
		policy := tc.g.do(t, "GET", page.Home, "").header.Get("Content-Security-Policy")
		if !strings.Contains(policy, "connect-src 'self';") {
			t.Errorf("%s: Content-Security-Policy = %q", name, policy)
		}
	}
}

// What an issuer tells does not change a policy beyond an origin.
func TestOriginsOf(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]string{
		"https://id.example/token?x=1":       "https://id.example",
		"http://127.0.0.1:5556/dex/token":    "http://127.0.0.1:5556",
		"https://user:secret@id.example/t":   "https://id.example",
		"https://[::1]:8443/token":           "https://[::1]:8443",
		"https://a.example;script-src/token": "",
		"https://a.example,b.example/token":  "",
		"https://'unsafe-inline'/token":      "",
		"javascript:alert(1)":                "",
		"/token":                             "",
		"":                                   "",
		"https://a b/":                       "",
	} {
		if got := strings.Join(originsOf(address), " "); got != want {
			t.Errorf("originsOf(%q) = %q; want %q", address, got, want)
		}
	}
}
