package page

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"example.com/im/test/process"
)

// tooWide names what has to be scrolled sideways.
const tooWide = `[document.documentElement, ...document.querySelectorAll(".scroller, .sidebar, .sidebar nav, .pane, main")]
	.filter((e) => e.scrollWidth > e.clientWidth).map((e) => e.outerHTML.slice(0, 80) + e.scrollWidth + ">" + e.clientWidth)`

func bothSides(t *testing.T, w world) {
	me, peer := pair()
	tb := w.open(t, w.url, chatPath(me, peer))
	tb.click(t, ".pane .both")
	tb.await(t, "there are two sides", `document.querySelectorAll(".pane").length === 2`)
	tb.do(t, chromedp.EmulateViewport(1280, 800))
	side := func(i int, of string) string {
		return strings.ReplaceAll(of, "document.", fmt.Sprintf("document.querySelectorAll('.pane')[%d].", i))
	}
	for i, text := range []string{"from the one", "from the other"} {
		eval[bool](t, tb, fmt.Sprintf(`(document.querySelectorAll("textarea")[%d].focus(), true)`, i))
		tb.say(t, text)
		for j := range 2 {
			tb.awaitTexts(t, side(j, shownTexts), []string{"from the one", "from the other"}[:i+1]...)
		}
	}
	tb.awaitTexts(t, side(0, mineTexts), "from the one")
	tb.awaitTexts(t, side(1, mineTexts), "from the other")
	if got := w.stored(t, me+":"+peer); len(got) != 2 || got[0].Sender != me || got[1].Sender != peer {
		t.Errorf("stored: %v", got)
	}
	tb.do(t, chromedp.EmulateViewport(390, 844))
	const visible = `[...document.querySelectorAll(".pane")].map((e) => e.checkVisibility()).join()`
	tb.await(t, "one side is shown", visible+` === "true,false"`)
	tb.click(t, ".switch button:last-child")
	tb.await(t, "the other side is shown", visible+` === "false,true"`)
	tb.click(t, ".leave")
	tb.await(t, "one side is left", `document.querySelectorAll(".pane").length === 1 && document.querySelector(".pane h2").innerText === `+toJSON(peer))
	tb.do(t, chromedp.NavigateBack())
	tb.await(t, "Back leads back", `document.querySelectorAll(".pane").length === 2`)
}

// From the first view to a message and back, by keys alone.
func keyboardAlone(t *testing.T, w world) {
	me, peer := pair()
	tb := w.open(t, w.url, "/")
	tb.write(t, me)
	tb.press(t, kb.Enter)
	tb.await(t, "the field for a name has the focus", `document.activeElement.id === "new-peer"`)
	tb.write(t, peer)
	tb.press(t, kb.Enter)
	tb.await(t, "the field for a message has the focus", `document.activeElement.matches("textarea")`)
	tb.say(t, "by hand")
	tb.awaitTexts(t, shownTexts, "by hand")
	tb.press(t, kb.Tab)
	tb.await(t, "the button to send is next", `document.activeElement.matches(".send")`)
	for range 3 {
		tb.press(t, kb.Tab, chromedp.ModifierShift)
		if eval[bool](t, tb, `document.activeElement.matches(".scroller")`) {
			break
		}
	}
	tb.await(t, "the messages can be scrolled by keys", `document.activeElement.matches(".scroller")`)
	tb.await(t, "the focus can be seen", `getComputedStyle(document.activeElement).outlineStyle === "solid"`)
	tb.do(t, chromedp.NavigateBack())
	tb.await(t, "the chat has the focus in the list", `document.activeElement.matches(".chats a") && document.activeElement.innerText.includes(`+toJSON(peer)+`)`)
	tb.press(t, kb.Enter)
	tb.await(t, "the chat is open again", `document.activeElement.matches("textarea")`)
}

// hide makes the page believe that nobody sees it, or that somebody does.
func (tb *tab) hide(t *testing.T, hidden bool) {
	t.Helper()
	eval[bool](t, tb, fmt.Sprintf(`Object.defineProperty(document, "hidden", { value: %t, configurable: true }) && document.dispatchEvent(new Event("visibilitychange"))`, hidden))
}

// held counts the calls to sync of which the service may hold the answer, and those that only look.
func held(f *front, from int) (held, looks int) {
	for _, r := range f.asked("/api/sync")[from:] {
		if r.URL.Query().Get("wait_ms") == "0" {
			looks++
		} else {
			held++
		}
	}
	return held, looks
}

func hiddenPageRests(t *testing.T, w world) {
	me, peer := pair()
	f := newFront(t, w.url)
	tb := w.open(t, f.url, chatPath(me, peer))
	process.Await(t, patience, "a request waits", func() bool { n, _ := held(f, 0); return n == 1 })
	tb.hide(t, true)
	before := len(f.asked("/api/sync"))
	w.post(t, me+":"+peer, peer, "are you there?")
	tb.await(t, "the title counts", `document.title.startsWith("(1) ")`)
	process.Await(t, patience, "the page looks once more", func() bool { _, n := held(f, before); return n == 1 })
	if n, _ := held(f, before); n != 0 {
		t.Errorf("a hidden page holds %d requests", n)
	}
	w.post(t, me+":"+peer, peer, "hello?")
	tb.hide(t, false)
	tb.awaitTexts(t, shownTexts, "are you there?", "hello?")
	process.Await(t, patience, "a request waits again", func() bool { n, _ := held(f, before); return n > 0 })
	tb.await(t, "the title counts no more", `!document.title.startsWith("(")`)
}

func noNetwork(t *testing.T, w world) {
	me, peer := pair()
	tb := w.open(t, w.url, chatPath(me, peer))
	tb.await(t, "the chat is empty", `document.querySelector(".older").textContent.includes("No messages")`)
	network := func(offline bool) {
		if _, err := chromedp.Call(tb.ctx, network.OverrideNetworkState, network.OverrideNetworkStateParams{
			Offline: offline, DownloadThroughput: -1, UploadThroughput: -1,
		}); err != nil {
			t.Fatal(err)
		}
		tb.await(t, "the page knows of the network", fmt.Sprintf("navigator.onLine === %t", !offline))
	}
	network(true)
	tb.say(t, "later")
	tb.await(t, "the reason is shown", `document.querySelector(".pending .fate p").innerText.includes("no network")`)
	if got := w.stored(t, me+":"+peer); len(got) != 0 {
		t.Errorf("stored: %v", got)
	}
	network(false)
	tb.awaitTexts(t, shownTexts, "later")
	tb.awaitTexts(t, pendingTexts)
}

func narrow(t *testing.T, w world) {
	me, peer := pair()
	me += strings.Repeat("x", 64-len(me))
	w.post(t, me+":"+peer, peer, "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft "+strings.Repeat("x", 300))
	tb := w.open(t, w.url, "/")
	tb.do(t, chromedp.EmulateViewport(320, 568))
	for _, path := range []string{"/#", "/#me=" + me, chatPath(me, peer), chatPath(me, peer) + "&view=both", chatPath(me, "a b")} {
		tb.navigate(t, path)
		tb.await(t, "the view is at rest", `!document.querySelector('[aria-busy="true"]')`)
		if wide := eval[[]string](t, tb, tooWide); len(wide) > 0 {
			t.Errorf("%.30s has to be scrolled sideways: %q", path, wide)
		}
	}
}

// earlierServer is a service that lacks what the page lives on: the page says so.
func earlierServer(t *testing.T, w world) {
	me, peer := pair()
	f := newFront(t, w.url)
	for _, missing := range []string{"/api/sync", "/api/members"} {
		f.setRule(func(w http.ResponseWriter, r *http.Request, _ http.Handler) bool {
			if r.URL.Path != missing {
				return false
			}
			fail(w, http.StatusNotFound, "there is no such path")
			return true
		})
		tb := w.open(t, f.url, chatPath(me, peer))
		for _, place := range []string{".notice.final", ".trouble"} {
			tb.await(t, "the page says that the server is old: "+missing, `document.querySelector("`+place+`").innerText.includes("earlier version")`)
		}
	}
}

func listOfChats(t *testing.T, w world) {
	me, peer := pair()
	const others = 55 // more than a page
	for i := range others {
		w.post(t, fmt.Sprintf("%s:%d", me, i), fmt.Sprint(i), fmt.Sprintf("I am %d", i))
	}
	w.post(t, me+":"+peer, "D"+peer[1:], "who writes themselves so")
	w.post(t, me+":"+peer+"2", me, "the newest")
	f := newFront(t, w.url)
	tb := w.open(t, f.url, "/#me="+me)
	tb.await(t, "the newest chats are listed", `document.querySelectorAll(".chats li").length === 50`)
	tb.await(t, "the newest is first", `document.querySelector(".chats li").innerText.includes("You: the newest")`)
	tb.await(t, "chats have the other's name", `[...document.querySelectorAll(".chats .name")].slice(0, 2).map((e) => e.innerText).join() === `+toJSON(peer+"2,D"+peer[1:]))
	tb.await(t, "the next is new to me", `document.querySelectorAll(".chats li")[1].querySelector(".unread").checkVisibility()`)
	tb.click(t, ".more")
	tb.await(t, "all chats are listed", fmt.Sprintf(`document.querySelectorAll(".chats li").length === %d && !document.querySelector(".more").checkVisibility()`, others+2))
	w.post(t, me+":7", "7", "hear, hear")
	tb.await(t, "a chat with news comes first", `document.querySelector(".chats li").innerText.includes("hear, hear")`)
	if n := len(f.asked("/api/chats")); n != 2 {
		t.Errorf("the page asks for the list %d times; want 2: the rest comes by sync", n)
	}
}
