package page

import (
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"example.com/im/http-server/identity/identitytest"
)

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
