package page

import (
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// The service compares names without case, and mine may be written otherwise by
// another program.
func namesAreCompared(t *testing.T, w world) {
	me, peer := pair()
	me, peer = "Ärger"+me, "ＷＩＤＥ"+peer
	w.post(t, me+":"+peer, strings.ToUpper(me), "mine")
	w.post(t, me+":"+peer, strings.ToLower(peer), "yours")
	tb := w.open(t, w.url, chatPath(me, peer))
	tb.awaitTexts(t, shownTexts, "mine", "yours")
	tb.awaitTexts(t, mineTexts, "mine")
	w.post(t, me+":"+me, me, "a note")
	tb.navigate(t, "/?self"+chatPath(me, strings.ToUpper(me))[1:])
	tb.awaitTexts(t, mineTexts, "a note")
}

// ΝΙΚΟΣ is one person on every screen: what the service says of a name decides, not what
// a browser makes of Σ at its end.
func sigmaIsOneName(t *testing.T, w world) {
	id, peer := pair()
	upper, lower := id+"ΝΙΚΟΣ", id+"νικοσ"
	w.post(t, upper+":"+peer, upper, "mine")
	w.post(t, upper+":"+peer, peer, "yours")
	var tabs []*tab
	for _, me := range []string{upper, lower} {
		tb := w.open(t, w.url, chatPath(me, strings.ToUpper(peer)))
		tb.awaitTexts(t, shownTexts, "mine", "yours")
		tb.awaitTexts(t, mineTexts, "mine")
		tb.await(t, "it is one chat", `document.querySelectorAll(".chats li").length === 1`)
		tabs = append(tabs, tb)
	}
	tabs[0].say(t, "of one")
	for _, tb := range tabs {
		tb.awaitTexts(t, mineTexts, "mine", "of one")
	}
}

// longNamesFit: names of 64 letters leave every control where it can be reached.
func longNamesFit(t *testing.T, w world) {
	me, peer := pair()
	me += strings.Repeat("W", 64-len(me))
	peer += strings.Repeat("M", 64-len(peer))
	group := "g" + strings.ToLower(peer[1:])
	w.post(t, me+":"+peer, peer, "hello")
	w.group(t, group, me, []string{peer}, nil)
	w.post(t, group, peer, "hello, all")
	tb := w.open(t, w.url, "/")
	for _, size := range [][2]int64{{320, 568}, {1280, 800}} {
		tb.do(t, chromedp.EmulateViewport(size[0], size[1]))
		for _, path := range []string{"/?l#me=" + me, "/?l" + chatPath(me, peer)[1:], "/?l" + groupPath(me, group)[1:], "/?l" + chatPath(me, peer)[1:] + "&view=both"} {
			tb.navigate(t, path)
			tb.await(t, "the view is at rest", `!document.querySelector('[aria-busy="true"]')`)
			for _, covered := range append(eval[[]string](t, tb, coveredControls), eval[[]string](t, tb, tooWide)...) {
				t.Errorf("%d px, %.20s: %s", size[0], path, covered)
			}
		}
		tb.navigate(t, "/?l"+groupPath(me, group)[1:])
		tb.click(t, ".people")
		for _, covered := range eval[[]string](t, tb, coveredControls) {
			t.Errorf("%d px, members: %s", size[0], covered)
		}
	}
}

// coveredControls names the controls in whose middle there is something else, or nothing.
const coveredControls = `(() => {
	const root = document.querySelector("dialog[open]") ?? document;
	const covered = [];
	for (const e of root.querySelectorAll("button, a, input, textarea")) {
		if (!e.checkVisibility()) continue;
		const { left, top, width, height } = e.getBoundingClientRect();
		const [x, y] = [left + width / 2, top + height / 2];
		const there = document.elementFromPoint(x, y);
		if (!e.contains(there) && !there?.contains(e.closest("nav, .people-list"))) covered.push(e.outerHTML.slice(0, 90) + " at " + [x, y] + ": " + there?.outerHTML.slice(0, 90));
	}
	return covered;
})()`
