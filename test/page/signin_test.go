package page

import (
	"context"
	"testing"
	"time"

	"example.com/im/http-server/identity"
	"example.com/im/http-server/identity/identitytest"
	"example.com/im/test/stack/stacktest"
)

// guarded is a system whose callers need tokens, with its identity server, and what stands
// before it.
type guarded struct {
	world
	*front
	id *identitytest.Issuer
}

// TestSignIn looks at each way in which a sign-in can go.
func TestSignIn(t *testing.T) {
	t.Parallel()
	browser := startBrowser(t)
	for name, test := range map[string]func(*testing.T, guarded){
		"a person declines":            signInIsDeclined,
		"an answer nobody asked for":   foreignAnswerIsRefused,
		"an answer to another sign-in": foreignTokenIsRefused,
		"renewed without a click":      renewedWithoutClick,
		"the session is over":          sessionIsOver,
		"not while somebody writes":    notWhileWriting,
		"the service refuses a token":  serviceRefusesToken,
		"an opaque access token":       opaqueTokenIsNotSent,
		"signing out everywhere":       signsOutEverywhere,
		"what others have not sent":    othersUnsentStays,
		"what the browser cannot keep": unkeptIsWarnedOf,
		"a reload":                     reloadSignsIn,
		"accessibility of signing in":  signInIsAccessible,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, newGuarded(browser, t, "page"))
		})
	}
	t.Run("no client", func(t *testing.T) {
		t.Parallel()
		g := newGuarded(browser, t, "")
		tb := g.open(t, g.world.url, "/#me=ann")
		tb.await(t, "the page says that it cannot", `document.querySelector("#app .problem").innerText.includes("OIDC_CLIENT_ID") && !document.querySelector("#app button").checkVisibility()`)
	})
}

func newGuarded(browser context.Context, t *testing.T, client string) guarded {
	t.Helper()
	id := identitytest.Start(t)
	id.SetLogin(identitytest.Login{Subject: "Ann", Life: time.Hour})
	cfg := stacktest.Config(t)
	cfg.Identity = identity.Settings{Issuer: id.URL, Audience: identitytest.Audience, MemberClaim: "sub", ClientID: client, Scope: "openid"}
	s, _ := stacktest.StartWith(t, cfg)
	f := newFront(t, "http://"+s.Addr().String())
	return guarded{world{url: f.url, browser: browser, issuer: id.URL}, f, id}
}

const (
	card   = `document.querySelector("#app .card")`
	banner = `document.querySelector(".banner")`
)

// enter opens the page at a path and signs in.
func (g guarded) enter(t *testing.T, path string) *tab {
	t.Helper()
	tb := g.open(t, g.world.url, path)
	tb.await(t, "the page asks for a sign-in", card+`.querySelector("button").checkVisibility()`)
	tb.click(t, "#app .primary")
	return tb
}

// inChat is enter at a chat with eve.
func (g guarded) inChat(t *testing.T) *tab {
	t.Helper()
	tb := g.enter(t, "/#with=eve")
	tb.await(t, "the chat is open", shownChat)
	return tb
}

// later makes the page's clock go on by so much.
func (tb *tab) later(t *testing.T, d time.Duration) {
	t.Helper()
	eval[bool](t, tb, `(() => { const now = Date.now; Date.now = () => now() + `+toJSON(d.Milliseconds())+`; return true })()`)
}

// wantAt checks the page's address.
func (g guarded) wantAt(t *testing.T, tb *tab, hash string) {
	t.Helper()
	if got := eval[string](t, tb, "location.href"); got != g.world.url+"/"+hash {
		t.Errorf("the address is %s; want %s", got, hash)
	}
}
