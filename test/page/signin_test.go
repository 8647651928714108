package page

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"

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
			test(t, newGuarded(t, browser, "page"))
		})
	}
	t.Run("no client", func(t *testing.T) {
		t.Parallel()
		g := newGuarded(t, browser, "")
		tb := g.open(t, g.world.url, "/#me=ann")
		tb.await(t, "the page says that it cannot", `document.querySelector("#app .problem").innerText.includes("OIDC_CLIENT_ID") && !document.querySelector("#app button").checkVisibility()`)
	})
}

func newGuarded(t *testing.T, browser context.Context, client string) guarded {
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

func signInIsDeclined(t *testing.T, g guarded) {
	g.id.SetLogin(identitytest.Login{})
	tb := g.enter(t, "/#with=eve")
	tb.await(t, "the page says why", card+`.querySelector(".problem").innerText === "The identity server says: access_denied: <b>you</b> declined"`)
	g.wantAt(t, tb, "#with=eve")
	g.id.SetLogin(identitytest.Login{Subject: "Ann", Life: time.Hour})
	tb.click(t, "#app .primary")
	tb.await(t, "the chat is open", shownChat)
}

// Who lures somebody to the page with an answer of the identity server gets nobody in.
func foreignAnswerIsRefused(t *testing.T, g guarded) {
	for _, query := range []string{"?code=x&state=y", "?state=&code=x", "?error=access_denied&error_description=call+555&state=y"} {
		tb := g.open(t, g.world.url, "/"+query+"#with=eve")
		tb.await(t, "the page refuses it", card+`.querySelector(".problem").innerText.startsWith("This answer of the identity server belongs to no sign-in")`)
		g.wantAt(t, tb, "")
	}
}

// A token for another sign-in is not taken, even with the right state.
func foreignTokenIsRefused(t *testing.T, g guarded) {
	g.id.SetLogin(identitytest.Login{Subject: "Ann", Life: time.Hour, Nonce: "another"})
	tb := g.enter(t, "/#with=eve")
	tb.await(t, "the page refuses it", card+`.querySelector(".problem").innerText === "The identity server has answered another sign-in."`)
	if calls := g.asked("/api/chats"); len(calls) > 0 {
		t.Errorf("%d calls were made", len(calls))
	}
}

func renewedWithoutClick(t *testing.T, g guarded) {
	tb := g.inChat(t)
	first := g.token(t, "Ann")
	eval[bool](t, tb, `(window.old = true)`)
	tb.later(t, time.Hour-30*time.Second)
	tb.await(t, "the page has left and come back", `!window.old && `+shownChat)
	g.wantAt(t, tb, "#me=Ann&with=eve")
	if prompts := g.id.Prompts(); !slices.Equal(prompts, []string{"", "none"}) {
		t.Errorf("prompts are %q", prompts)
	}
	tb.say(t, "after it")
	tb.awaitTexts(t, shownTexts, "after it")
	if g.token(t, "Ann") == first {
		t.Error("the token is the first one")
	}
}

func sessionIsOver(t *testing.T, g guarded) {
	tb := g.inChat(t)
	g.id.SetLogin(identitytest.Login{})
	tb.later(t, time.Hour-30*time.Second)
	tb.await(t, "the page asks for a sign-in", card+`.querySelector(".problem").innerText === "Your sign-in has ended."`)
	g.wantAt(t, tb, "#me=Ann&with=eve")
	g.id.SetLogin(identitytest.Login{Subject: "Ann", Life: time.Hour})
	tb.click(t, "#app .primary")
	tb.await(t, "the chat is open", shownChat)
}

func notWhileWriting(t *testing.T, g guarded) {
	tb := g.inChat(t)
	eval[bool](t, tb, `(window.old = true)`)
	tb.write(t, "half a thought")
	tb.later(t, time.Hour-30*time.Second)
	tb.await(t, "the page asks for a sign-in", banner+`.innerText.includes("Your sign-in ends soon.")`)
	tb.later(t, time.Minute)
	tb.await(t, "the sign-in has ended", banner+`.innerText.includes("Your sign-in has ended.")`)
	if !eval[bool](t, tb, `window.old && `+shownChat+`.value === "half a thought"`) {
		t.Error("the page has left")
	}
	tb.press(t, "\r")
	tb.awaitTexts(t, pendingTexts, "half a thought")
	tb.click(t, ".banner button")
	tb.awaitTexts(t, shownTexts, "half a thought")
	if sends := g.keys(); len(sends) != 1 {
		t.Errorf("%d sends", len(sends))
	}
}

// A token that the service refuses before its end asks for a click: to leave for another
// without one might go on for ever.
func serviceRefusesToken(t *testing.T, g guarded) {
	tb := g.inChat(t)
	var refuses atomic.Bool
	refuses.Store(true)
	g.setRule(func(w http.ResponseWriter, r *http.Request, _ http.Handler) bool {
		if !refuses.Load() || !strings.HasPrefix(r.URL.Path, "/api/") {
			return false
		}
		fail(w, http.StatusUnauthorized, "the token is not valid: its key has gone")
		return true
	})
	tb.say(t, "in vain")
	tb.await(t, "the page says why", banner+`.innerText.includes("You have to sign in again. The token is not valid: its key has gone.")`)
	tb.awaitTexts(t, pendingTexts, "in vain")
	if prompts := g.id.Prompts(); len(prompts) != 1 {
		t.Errorf("prompts are %q; want no more than the first", prompts)
	}
	refuses.Store(false)
	tb.click(t, ".banner button")
	tb.awaitTexts(t, shownTexts, "in vain")
	tb.await(t, "the line is gone", "!"+banner+".checkVisibility()")
}

func opaqueTokenIsNotSent(t *testing.T, g guarded) {
	g.id.SetLogin(identitytest.Login{Subject: "Ann", Life: time.Hour, Opaque: true})
	tb := g.inChat(t)
	tb.say(t, "by the ID token")
	tb.awaitTexts(t, shownTexts, "by the ID token")
}

func signsOutEverywhere(t *testing.T, g guarded) {
	tb := g.inChat(t)
	tb.click(t, ".sign-out")
	tb.await(t, "nobody is signed in", card+`.querySelector(".lead").innerText === "You are signed out."`)
	g.wantAt(t, tb, "")
	tb.click(t, "#app .primary") // the identity server has forgotten the browser
	tb.await(t, "the identity server asks", card+`.querySelector(".problem").innerText.includes("access_denied")`)
	if prompts := g.id.Prompts(); !slices.Equal(prompts, []string{"", "login"}) {
		t.Errorf("prompts are %q", prompts)
	}
}

// What somebody else has not sent from this browser is not sent in another's name, and stays.
func othersUnsentStays(t *testing.T, g guarded) {
	tb := g.open(t, g.world.url, "/")
	eval[bool](t, tb, `(() => {
		const keep = (key, queue, chat, sender) => localStorage.setItem("im.unsent." + key, JSON.stringify({ key, queue, chat, sender, text: "of " + sender, time: 1, state: "waiting", reason: "" }));
		keep("1", "bob bob:eve", "bob:eve", "Bob");
		keep("2", "ann ann:eve", "ann:eve", "ann");
		return true;
	})()`)
	tb.click(t, "#app .primary")
	tb.await(t, "one's own is sent", `localStorage.getItem("im.unsent.2") === null`)
	if !eval[bool](t, tb, `localStorage.getItem("im.unsent.1").includes("of Bob")`) || !slices.Equal(g.keys(), []string{"2"}) {
		t.Errorf("sent are %q; want 2, and 1 kept", g.keys())
	}
}

func unkeptIsWarnedOf(t *testing.T, g guarded) {
	tb := g.inChat(t)
	eval[bool](t, tb, `(() => { const set = Storage.prototype.setItem;
		Storage.prototype.setItem = function (...args) { if (this === localStorage) throw new Error("full"); set.apply(this, args) }; return true })()`)
	tb.write(t, "half a thought")
	tb.later(t, 2*time.Hour)
	tb.await(t, "the sign-in has ended", banner+`.innerText.includes("Your sign-in has ended.")`)
	tb.click(t, ".banner button")
	tb.await(t, "the page warns", banner+`.innerText.includes("does not keep what you have written")`)
	tb.later(t, time.Second)
	if !eval[bool](t, tb, shownChat+`.value === "half a thought"`) {
		t.Error("the page has left")
	}
	tb.click(t, ".banner button")
	tb.await(t, "the page has left", shownChat+`.value === ""`)
}

// A tab that was signed in needs no click after a reload.
func reloadSignsIn(t *testing.T, g guarded) {
	tb := g.inChat(t)
	eval[bool](t, tb, `(window.old = true)`)
	if _, err := chromedp.Call(tb.ctx, page.Reload, page.ReloadParams{}); err != nil {
		t.Fatal(err)
	}
	tb.await(t, "the chat is open", "!window.old && "+shownChat)
	g.wantAt(t, tb, "#me=Ann&with=eve")
	if prompts := g.id.Prompts(); !slices.Equal(prompts, []string{"", ""}) {
		t.Errorf("prompts are %q", prompts)
	}
}

func signInIsAccessible(t *testing.T, g guarded) {
	tb := g.open(t, g.world.url, "/")
	for _, scheme := range []string{"light", "dark"} {
		tb.prefer(t, scheme)
		for _, problem := range append(tb.unnamed(t), eval[[]string](t, tb, visibleProblems)...) {
			t.Errorf("card, %s: %s", scheme, problem)
		}
	}
	tb.runAxe(t, "card")
	tb.press(t, "\r") // the button has the focus
	tb.await(t, "the list is shown", `document.querySelector(".sidebar .sign-out").checkVisibility()`)
	tb.do(t, chromedp.EmulateViewport(320, 568))
	eval[bool](t, tb, `(location.hash = "with=eve", true)`)
	tb.await(t, "the chat is open", shownChat)
	tb.later(t, 2*time.Hour)
	tb.await(t, "the line is shown", banner+".checkVisibility()")
	for _, scheme := range []string{"light", "dark"} {
		tb.prefer(t, scheme)
		problems := append(tb.unnamed(t), eval[[]string](t, tb, visibleProblems)...)
		for _, problem := range append(problems, eval[[]string](t, tb, tooWide)...) {
			t.Errorf("line, %s: %s", scheme, problem)
		}
	}
	tb.runAxe(t, "line")
}
