package page

import (
	"slices"
	"testing"
	"time"

	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

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
