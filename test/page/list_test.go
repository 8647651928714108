package page

import (
	"testing"

	"github.com/chromedp/cdproto/browser"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"example.com/im/test/process"
)

const listedNames = `[...document.querySelectorAll(".chats .name")].map((e) => e.textContent)`

// The list by keys: a shortcut to its filter, arrows through it, Escape out of a chat.
func listIsFiltered(t *testing.T, w world) {
	me, peer := pair()
	w.post(t, me+":zoë", "zoë", "about the tickets")
	w.post(t, me+":"+peer, peer, "hello")
	w.post(t, me+":anna", "anna", "hello")
	tb := w.open(t, w.url, chatPath(me, peer))
	tb.awaitTexts(t, listedNames, "anna", peer, "zoë")
	tb.press(t, "k", chromedp.ModifierCtrl)
	tb.await(t, "the filter has the focus", `document.activeElement.matches(".filter")`)
	tb.write(t, "TICK")
	tb.awaitTexts(t, listedNames, "zoë")
	tb.write(t, "x")
	tb.awaitTexts(t, listedNames)
	tb.await(t, "that nothing fits is told", `document.querySelector(".empty").innerText.length > 10`)
	tb.press(t, kb.Escape)
	tb.awaitTexts(t, listedNames, "anna", peer, "zoë")
	const focused = `[document.activeElement.querySelector(".name")?.textContent ?? document.activeElement.className]`
	for _, step := range [][2]string{{kb.ArrowDown, "anna"}, {kb.ArrowDown, peer}, {kb.ArrowDown, "zoë"}, {kb.ArrowDown, "zoë"}, {kb.ArrowUp, peer}} {
		tb.press(t, step[0])
		tb.awaitTexts(t, focused, step[1])
	}
	tb.press(t, kb.ArrowUp)
	tb.press(t, kb.Enter)
	tb.await(t, "the chat is open", `document.querySelector(".pane h2").textContent === "anna" && document.activeElement.matches("textarea")`)
	tb.press(t, kb.Escape)
	tb.await(t, "the list is shown", `document.body.dataset.view === "list"`)
	tb.awaitTexts(t, focused, "anna")
	tb.press(t, "/")
	tb.await(t, "the filter has the focus", `document.activeElement.matches(".filter") && document.activeElement.value === ""`)
}

// What was begun is shown in the list, until it is sent.
func draftIsListed(t *testing.T, w world) {
	me, peer := pair()
	w.post(t, me+":"+peer, peer, "hello")
	tb := w.open(t, w.url, chatPath(me, peer))
	tb.awaitTexts(t, shownTexts, "hello")
	tb.write(t, "half a sent")
	tb.press(t, kb.Escape)
	const last = `[document.querySelector(".chats .last").textContent]`
	tb.awaitTexts(t, last, "Draft: half a sent")
	tb.do(t, chromedp.Reload())
	tb.awaitTexts(t, last, "Draft: half a sent")
	tb.click(t, ".chats a")
	tb.await(t, "the draft is there", `document.activeElement.value === "half a sent"`)
	tb.say(t, "ence")
	tb.awaitTexts(t, shownTexts, "hello", "half a sentence")
	tb.press(t, kb.Escape)
	tb.awaitTexts(t, last, "You: half a sentence")
}

// Who asks for notifications gets them for chats that nobody looks at, and at once.
func notificationsAreGiven(t *testing.T, w world) {
	me, peer := pair()
	f := newFront(t, w.url)
	tb := w.open(t, f.url, "/#me="+me)
	_, err := chromedp.Call(tb.ctx, browser.SetPermission, browser.SetPermissionParams{
		BrowserContextID: chromedp.FromContext(tb.ctx).BrowserContextID,
		Permission:       &browser.PermissionDescriptor{Name: "notifications"}, Setting: browser.PermissionSettingGranted,
	})
	if err != nil {
		t.Fatal(err)
	}
	tb.await(t, "nothing is asked for", `document.querySelector(".bell").ariaPressed === "false"`)
	// The browser shows its notifications outside of the page: note which it is asked for.
	eval[bool](t, tb, `(window.notes = [], window.Notification = class extends Notification { constructor(title, options) { super(title, options); window.notes.push(title + ": " + options.body); } }, true)`)
	tb.click(t, ".bell")
	tb.await(t, "they are on", `document.querySelector(".bell").ariaPressed === "true"`)
	// What the list has when the page opens is no news.
	process.Await(t, patience, "the page has its list", func() bool { return len(f.asked("/api/sync")) > 0 })
	w.post(t, me+":"+peer, peer, "in another chat")
	tb.awaitTexts(t, "window.notes", peer+": in another chat")
	w.post(t, me+":"+peer, me, "of mine")
	tb.click(t, ".chats a")
	tb.awaitTexts(t, shownTexts, "in another chat", "of mine")
	tb.hide(t, true)
	before := len(f.asked("/api/sync"))
	w.post(t, me+":"+peer, peer, "while hidden")
	tb.awaitTexts(t, "window.notes", peer+": in another chat", peer+": while hidden")
	process.Await(t, patience, "a request waits although the page is hidden", func() bool { n, _ := held(f, before); return n > 0 })
	tb.click(t, ".bell")
	tb.await(t, "they are off", `document.querySelector(".bell").ariaPressed === "false"`)
}
