package page

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"example.com/im/http-server/identity"
	"example.com/im/rpc-server/store/storetest"
	"example.com/im/test/dex"
	"example.com/im/test/process"
	"example.com/im/test/stack/stacktest"
)

// The passwords are those of deploy/identity/dex.yaml.
const (
	annsPassword = "ann's password"
	bobsPassword = "bob's password"
)

// TestDex lets people sign in at Dex, a real identity server, with the configuration that
// deploy/identity has.
func TestDex(t *testing.T) {
	t.Parallel()
	program, browser := dex.Build(t), startBrowser(t)
	for name, test := range map[string]struct {
		run   func(*testing.T, world, *front)
		life  time.Duration // of a token
		scope string
	}{
		"a password opens what is one's own": {ownChats, 10 * time.Minute, "openid profile"},
		"a token ends":                       {tokenEnds, 40 * time.Second, "openid profile"},
		"a token is renewed":                 {tokenIsRenewed, 20 * time.Second, "openid profile offline_access"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w, f := worldWithDex(browser, t, program, test.life, test.scope)
			test.run(t, w, f)
		})
	}
}

// worldWithDex returns a system whose callers need tokens of Dex, and what stands before it.
func worldWithDex(browser context.Context, t *testing.T, program string, life time.Duration, scope string) (world, *front) {
	t.Helper()
	cfg := stacktest.Config(t)
	cfg.HTTPAddr = storetest.Reserve(t)
	f := newFront(t, "http://"+cfg.HTTPAddr)
	issuer := dex.Start(t, program, f.url, life)
	cfg.Identity = identity.Settings{
		Issuer: issuer, Audience: dex.ClientID, MemberClaim: dex.Claim, ClientID: dex.ClientID, Scope: scope,
	}
	stacktest.StartWith(t, cfg)
	return world{url: f.url, browser: browser, issuer: issuer}, f
}

// signIn gives a password to Dex, whose form is shown.
func (tb *tab) signIn(t *testing.T, name, password string) {
	t.Helper()
	tb.await(t, "Dex asks for a password", `document.querySelector("form #password")`)
	eval[bool](t, tb, `(() => { document.querySelector("#login").value = `+toJSON(name+"@example.com")+`; document.querySelector("#password").focus(); return true })()`)
	tb.write(t, password)
	tb.click(t, "#submit-login")
}

const shownChat = `document.querySelector(".pane textarea")`

// ownChats signs in by the deep link of another person, after a wrong password.
func ownChats(t *testing.T, w world, f *front) {
	tb := w.open(t, w.url, "/#me=bob&with=eve&view=both")
	tb.await(t, "the page asks for a sign-in", `document.querySelector("#app .primary").innerText === "Sign in"`)
	tb.click(t, "#app .primary")
	tb.signIn(t, "ann", bobsPassword)
	tb.await(t, "a wrong password is refused", `document.querySelector("#login-error")`)
	tb.signIn(t, "ann", annsPassword)
	tb.await(t, "the chat is open", shownChat)
	if got, want := eval[string](t, tb, "location.href"), w.url+"/#me=ann&with=eve"; got != want {
		t.Errorf("the address is %s; want %s", got, want)
	}
	tb.say(t, "from ann")
	tb.awaitTexts(t, shownTexts, "from ann")
	token := f.token(t, "ann")
	if kept := eval[string](t, tb, `JSON.stringify({ ...localStorage, ...sessionStorage }) + document.cookie`); strings.Contains(kept, token) {
		t.Errorf("the browser keeps the token: %s", kept)
	}
	if eval[bool](t, tb, `document.querySelector(".pane .both").checkVisibility() || document.querySelector(".change").checkVisibility()`) {
		t.Error("the page offers to be another person")
	}
	tokenWorks(t, w, token)

	bob := w.open(t, w.url, "/#with=Ann")
	bob.click(t, "#app .primary")
	bob.signIn(t, "bob", bobsPassword)
	bob.await(t, "the chat is open", shownChat)
	bob.say(t, "from bob")
	eval[bool](t, tb, `(location.hash = "with=bob", true)`)
	tb.awaitTexts(t, shownTexts, "from bob")
	ask(t, w, f.token(t, "bob"), "POST", "/api/members", `{"chat":"secret","add":["eve"]}`, http.StatusOK)
	eval[bool](t, tb, `(location.hash = "group=secret", true)`)
	tb.await(t, "a chat of others is refused", `document.querySelector(".notice.final").innerText.includes("only members") || document.querySelector(".notice.final").innerText.includes("Only members")`)

	tb.click(t, ".sign-out")
	tb.await(t, "nobody is signed in", `document.querySelector("#app .lead").innerText === "You are signed out."`)
	tb.do(t, chromedp.Reload())
	tb.await(t, "nobody is signed in", `document.querySelector("#app .lead").innerText === "You are signed out." && !document.querySelector(".sidebar")`)
}

// tokenWorks makes calls as another client would, with the token of ann.
func tokenWorks(t *testing.T, w world, token string) {
	t.Helper()
	if page := ask(t, w, token, "GET", "/api/pull?chat=ann:eve", "", http.StatusOK); !strings.Contains(page, `"sender":"ann"`) {
		t.Errorf("ann pulls %s", page)
	}
	ask(t, w, token, "POST", "/api/send", `{"chat":"ann:eve","text":"by hand"}`, http.StatusOK)
	ask(t, w, token, "POST", "/api/send", `{"chat":"ann:bob","sender":"bob","text":"forged"}`, http.StatusForbidden)
	ask(t, w, token, "GET", "/api/pull?chat=bob:eve", "", http.StatusForbidden)
	ask(t, w, token, "GET", "/api/chats?member=bob", "", http.StatusForbidden)
	ask(t, w, "", "GET", "/api/chats", "", http.StatusUnauthorized)
	ask(t, w, token[:len(token)-4]+"AAAA", "GET", "/api/chats", "", http.StatusUnauthorized)
}

// tokenEnds writes while a token ends, and after it.
func tokenEnds(t *testing.T, w world, f *front) {
	tb := w.open(t, w.url, "/#with=eve")
	tb.click(t, "#app .primary")
	tb.signIn(t, "ann", annsPassword)
	tb.await(t, "the chat is open", shownChat)
	token := f.token(t, "ann")
	tb.write(t, "written while it ")
	tb.await(t, "the page asks for a sign-in", `document.querySelector(".banner .why").checkVisibility()`)
	tb.await(t, "the sign-in has ended", `document.querySelector(".banner .why").innerText === "Your sign-in has ended."`)
	tb.say(t, "ended")
	tb.awaitTexts(t, pendingTexts, "written while it ended")
	tb.write(t, "half a thought")
	before := len(f.asked("/api/send"))
	tb.click(t, ".banner button")
	tb.signIn(t, "ann", annsPassword)
	tb.awaitTexts(t, shownTexts, "written while it ended")
	tb.await(t, "the draft is there", shownChat+`.value === "half a thought"`)
	if got := eval[string](t, tb, "location.href"); got != w.url+"/#me=ann&with=eve" {
		t.Errorf("the address is %s", got)
	}
	if got := len(f.asked("/api/send")); got != before+1 {
		t.Errorf("%d sends; want one more than %d", got, before)
	}
	process.Await(t, 3*time.Minute, "the gateway refuses the first token", func() bool { return status(t, w, token) == http.StatusUnauthorized })
}

// tokenIsRenewed stays for longer than a token lives.
func tokenIsRenewed(t *testing.T, w world, f *front) {
	tb := w.open(t, w.url, "/#with=eve")
	tb.click(t, "#app .primary")
	tb.signIn(t, "ann", annsPassword)
	tb.await(t, "the chat is open", shownChat)
	seen := map[string]bool{}
	for _, text := range []string{"first", "second", "third"} {
		process.Await(t, patience, "there is another token", func() bool { return !seen[f.token(t, "ann")] })
		seen[f.token(t, "ann")] = true
		tb.say(t, text)
	}
	tb.awaitTexts(t, shownTexts, "first", "second", "third")
	if eval[bool](t, tb, `document.querySelector(".banner").checkVisibility()`) {
		t.Errorf("the page says %q", tb.text(".banner"))
	}
	if kept := eval[string](t, tb, `JSON.stringify({ ...localStorage, ...sessionStorage })`); strings.Contains(kept, "token") {
		t.Errorf("the browser keeps %s", kept)
	}
}
