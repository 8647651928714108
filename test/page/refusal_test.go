package page

import (
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// A message that breaks a rule is shown with the rule, and can be written anew.
func refusedMessageIsShown(t *testing.T, w world) {
	me, peer := pair()
	tb := w.open(t, w.url, chatPath(me, peer))
	const broken = `document.querySelector("textarea").value = "a letter that is none: \ud800"`
	eval[string](t, tb, broken)
	tb.press(t, kb.Enter)
	tb.await(t, "the rule is shown", `document.querySelector('.pending [data-state="refused"] .fate p')?.innerText.length > 10`)
	tb.say(t, "a good one is not held up")
	tb.awaitTexts(t, shownTexts, "a good one is not held up")

	tb.do(t, chromedp.Reload())
	tb.await(t, "it is still there", `document.querySelector('.pending [data-state="refused"]')`)
	tb.click(t, ".pending .edit")
	tb.awaitTexts(t, pendingTexts)
	tb.await(t, "it can be written anew", `document.querySelector("textarea").value.startsWith("a letter") && document.activeElement.matches("textarea")`)
	tb.press(t, kb.Backspace)
	tb.say(t, "!")
	tb.awaitTexts(t, shownTexts, "a good one is not held up", "a letter that is none: !")

	eval[string](t, tb, broken)
	tb.press(t, kb.Enter)
	tb.await(t, "it is refused", `document.querySelector('.pending [data-state="refused"]')`)
	tb.click(t, ".pending .discard")
	tb.awaitTexts(t, pendingTexts)
	tb.await(t, "it is forgotten", `Object.keys(localStorage).every((key) => !key.startsWith("im.unsent"))`)

	eval[bool](t, tb, `(() => { const f = document.querySelector("textarea"); f.value = "ä".repeat(8193); return f.dispatchEvent(new Event("input")) })()`)
	tb.press(t, kb.Enter)
	if got := tb.text(".composer .hint"); !strings.HasPrefix(got, "Too long by 2 bytes") {
		t.Errorf("the hint is %q", got)
	}
	tb.awaitTexts(t, pendingTexts)
}

func refusedChatIsExplained(t *testing.T, w world) {
	tb := w.open(t, w.url, chatPath("john", "a b"))
	tb.await(t, "the rule is shown", `document.querySelector(".notice.final").innerText.includes("must not contain spaces")`)
	tb.navigate(t, "/?new#")
	tb.write(t, "a:b")
	tb.press(t, kb.Enter)
	tb.await(t, "the rule is shown", `document.querySelector(".problem").innerText.includes("colon")`)
}

// What repetition cannot mend waits for the user, who may try again all the same.
func defectWaitsForUser(t *testing.T, w world) {
	for _, status := range []int{http.StatusInternalServerError, http.StatusUnprocessableEntity} {
		me, peer := pair()
		f := newFront(t, w.url)
		tb := w.open(t, f.url, chatPath(me, peer))
		var failed atomic.Int64
		f.setRule(failFirst(&failed, 1, "/api/send", status))
		tb.say(t, "hello")
		tb.await(t, "the failure is shown", `document.querySelector('.pending [data-state="refused"] .fate p').innerText === "Not now."`)
		tb.click(t, ".pending .retry")
		tb.awaitTexts(t, shownTexts, "hello")
		tb.awaitTexts(t, pendingTexts)
		wantOnce(t, w, f, me+":"+peer, 2)
	}
}

// A server that begins to ask who calls loses nothing of a page that was open before.
func serverBeginsToAsk(t *testing.T, w world) {
	f := newFront(t, w.url)
	me, peer := pair()
	tb := w.open(t, f.url, chatPath(me, peer))
	f.setRule(func(rw http.ResponseWriter, r *http.Request, _ http.Handler) bool {
		if strings.HasPrefix(r.URL.Path, "/api/") {
			fail(rw, http.StatusUnauthorized, "Authorization: must be given once")
			return true
		}
		return false
	})
	tb.say(t, "kept")
	tb.await(t, "the page says what to do", `document.querySelector('.pending [data-state="waiting"] .fate p').innerText.includes("Reload the page to sign in.")`)
	f.setRule(nil)
	tb.awaitTexts(t, shownTexts, "kept")
}
