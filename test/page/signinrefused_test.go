package page

import (
	"testing"
	"time"

	"example.com/im/http-server/identity/identitytest"
)

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
