package gateway

import (
	"net/http"
	"strings"
	"testing"

	"example.com/im/http-server/fault"
	"example.com/im/http-server/identity"
	"example.com/im/http-server/identity/identitytest"
	"example.com/im/http-server/request"
	"example.com/im/http-server/rpc/rpctest"
)

// startAsking starts a gateway that asks who calls, and waits until it has found the
// issuer.
func startAsking(t *testing.T, issuer *identitytest.Issuer, change func(*Config), addresses ...string) *testGateway {
	t.Helper()
	g := startReadyWith(t, func(c *Config) {
		c.Identity = identity.Settings{Issuer: issuer.URL, Audience: identitytest.Audience, MemberClaim: "sub", ClientID: "page", Scope: "openid"}
		change(c)
	}, addresses...)
	rpctest.Eventually(t, "the issuer is found", func() bool { _, found := g.identity.SignIn(); return found })
	return g
}

// authorization returns the header with a person's token.
func authorization(t *testing.T, issuer *identitytest.Issuer, person string) string {
	t.Helper()
	return request.TokenHeader + ": Bearer " + issuer.Token(t, person)
}

// A token comes in one header. What else looks like one is none.
func TestBearer(t *testing.T) {
	t.Parallel()
	issuer := identitytest.Start(t)
	g := startAsking(t, issuer, func(*Config) {}, (&rpctest.Fake{}).Start(t))
	token := issuer.Token(t, "a")
	for _, header := range []string{"Bearer " + token, "bearer " + token, "BEARER   " + token + " "} {
		if r := g.do(t, "GET", "/api/chats", "", request.TokenHeader+": "+header); r.status != http.StatusOK {
			t.Errorf("%.20s…: %d %s", header, r.status, r.body)
		}
	}
	for _, header := range []string{"", token, "Bearer", "Bearer ", "Basic " + token, "Bearer " + token + ", Bearer " + token, "Bearer a b", "Bearer \u00e9"} {
		g.do(t, "GET", "/api/chats", "", request.TokenHeader+": "+header).wantError(t, http.StatusUnauthorized, fault.Unauthenticated, "Nothing was stored")
	}
	g.do(t, "GET", "/api/chats?access_token="+token, "").wantError(t, http.StatusUnauthorized, fault.Unauthenticated, "must be given once")
	twice := "GET /api/chats HTTP/1.1\r\nHost: a\r\n" + strings.Repeat(request.TokenHeader+": Bearer "+token+"\r\n", 2) + "Connection: close\r\n\r\n"
	g.rawOne(t, twice).wantError(t, http.StatusUnauthorized, fault.Unauthenticated, "must be given once")
}

// A limit counts the calls of a caller wherever it is, and for its address those whose
// token has to be verified: to make up tokens costs the gateway more than to call.
func TestRateLimitOfCallers(t *testing.T) {
	t.Parallel()
	issuer := identitytest.Start(t)
	g := startAsking(t, issuer, func(c *Config) { c.Guard.RateLimit.PerSecond = 5 }, (&rpctest.Fake{}).Start(t))
	ann := authorization(t, issuer, "ann")
	rpctest.Eventually(t, "a caller is refused", func() bool {
		r := g.do(t, "GET", "/api/pull?chat=ann:bob", "", ann)
		return r.status == http.StatusServiceUnavailable && strings.Contains(r.body, "calls a second by you")
	})
	rpctest.Eventually(t, "who makes up tokens is refused", func() bool {
		r := g.do(t, "GET", "/api/chats", "", request.TokenHeader+": Bearer "+issuer.Token(t, "ann")+"x")
		return r.status == http.StatusServiceUnavailable && strings.Contains(r.body, "from your address")
	})
	rpctest.Eventually(t, "a caller with a known token is served", func() bool {
		return g.do(t, "GET", "/api/pull?chat=ann:bob", "", ann).status == http.StatusOK
	})
}

// An rpc-server of an earlier version does not look who reads a group. Its answers are not
// for callers; those of chats of two are, of which the gateway knows the members.
func TestEarlierRPCServerDoesNotLook(t *testing.T) {
	t.Parallel()
	issuer := identitytest.Start(t)
	g := startAsking(t, issuer, func(*Config) {}, (&rpctest.Fake{}).Start(t))
	ann := authorization(t, issuer, "ann")
	for _, path := range []string{"/api/pull?chat=team", "/api/members?chat=team", "/api/pull?chat=team&wait_ms=10000"} {
		g.do(t, "GET", path, "", ann).wantError(t, http.StatusServiceUnavailable, fault.Unavailable, "of an earlier version does not look who may read a group")
	}
	for _, path := range []string{"/api/pull?chat=ann:bob", "/api/members?chat=ann:bob"} {
		if r := g.do(t, "GET", path, "", ann); r.status != http.StatusOK {
			t.Errorf("GET %s = %d %s", path, r.status, r.body)
		}
	}
	if got := g.waiting(t); got != 0 {
		t.Errorf("%d readers wait for ever", got)
	}
}
