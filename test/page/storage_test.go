package page

import (
	"testing"

	"github.com/chromedp/chromedp"
)

// Values that are not of the page, or not whole, do it no harm.
func foreignValuesAreHarmless(t *testing.T, w world) {
	me, peer := pair()
	w.post(t, me+":"+peer, peer, "hello")
	tb := w.open(t, w.url, "/")
	for _, value := range []string{`42`, `"text"`, `[null]`, `{"key":1,"time":1}`, `broken {`} {
		eval[bool](t, tb, `(() => {
			localStorage.clear();
			for (const key of ["me", "notify", "chats.`+me+`", "draft.`+me+`", "draft.`+me+` `+peer+`", "draft.`+me+` ", "unsent.1", "unsent.", "unknown"]) localStorage.setItem("im." + key, `+toJSON(value)+`);
			return true;
		})()`)
		tb.do(t, chromedp.Reload())
		tb.await(t, "the first view is shown with "+value, `document.querySelector(".welcome input") !== null`)
		tb.navigate(t, "/?"+me+"#me="+me)
		tb.await(t, "the list is shown with "+value, `document.querySelector(".chats li").innerText.includes("hello")`)
		tb.navigate(t, chatPath(me, peer))
		tb.awaitTexts(t, shownTexts, "hello")
		tb.navigate(t, "/#")
	}
}

// A message that the page's first version could not send is sent by this one.
func olderUnsentIsSent(t *testing.T, w world) {
	me, peer := pair()
	tb := w.open(t, w.url, "/")
	eval[bool](t, tb, `(localStorage.setItem("im.unsent.k", JSON.stringify({ key: "k", me: `+toJSON(me)+`, peer: `+toJSON(peer)+`, text: "from before", time: 1, state: "sending", reason: "" })), true)`)
	tb.do(t, chromedp.Reload())
	tb.navigate(t, chatPath(me, peer))
	tb.awaitTexts(t, shownTexts, "from before")
	tb.awaitTexts(t, pendingTexts)
	tb.await(t, "nothing is kept", `localStorage.getItem("im.unsent.k") === null`)
}
