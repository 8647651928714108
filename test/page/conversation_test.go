package page

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"example.com/im/test/process"
)

// JavaScript for what a page shows.
const (
	shownTexts   = `[...document.querySelectorAll(".messages:not(.pending) .text")].map((e) => e.textContent)`
	pendingTexts = `[...document.querySelectorAll(".pending .message:not([hidden]) .text")].map((e) => e.textContent)`
	mineTexts    = `[...document.querySelectorAll(".messages:not(.pending) .mine .text")].map((e) => e.textContent)`
)

// pair names two people whom no other test knows.
func pair() (me, peer string) {
	id := fmt.Sprintf("%x", time.Now().UnixNano())
	return "john" + id, "doe" + id
}

// chatPath is the deep link to a chat.
func chatPath(me, peer string) string {
	return "/#" + url.Values{"me": {me}, "with": {peer}}.Encode()
}

// awaitTexts waits until an expression, one of those above, gives texts.
func (tb *tab) awaitTexts(t *testing.T, expression string, texts ...string) {
	t.Helper()
	if texts == nil {
		texts = []string{}
	}
	tb.await(t, fmt.Sprintf("%.200q are shown", texts), fmt.Sprintf("JSON.stringify(%s) === JSON.stringify(%s)", expression, toJSON(texts)))
}

func twoPeopleConverse(t *testing.T, w world) {
	me, peer := pair()
	john := w.open(t, w.url, chatPath(me, peer)) // a deep link
	doe := w.open(t, w.url, "/")
	doe.await(t, "the first view has the focus", `document.activeElement.name === "me"`)
	doe.write(t, peer)
	doe.press(t, kb.Tab)
	doe.write(t, strings.ToUpper(me))
	doe.press(t, kb.Enter)
	doe.await(t, "the chat is open", `document.activeElement.matches("textarea")`)

	want := []string{}
	for i := range 3 {
		for _, tb := range []*tab{john, doe} {
			text := fmt.Sprintf("message %d 👋", i)
			tb.say(t, text)
			want = append(want, text)
			john.awaitTexts(t, shownTexts, want...)
			doe.awaitTexts(t, shownTexts, want...)
		}
	}
	for _, tb := range []*tab{john, doe} {
		tb.awaitTexts(t, mineTexts, "message 0 👋", "message 1 👋", "message 2 👋")
		tb.awaitTexts(t, pendingTexts)
	}
	if n := len(w.stored(t, me+":"+peer)); n != len(want) {
		t.Errorf("%d messages are stored; want %d", n, len(want))
	}
	doe.await(t, "the last message is announced", `document.getElementById("announcer").textContent.endsWith(": message 2 👋")`)
	if got := john.text(".day"); !strings.EqualFold(got, "today") {
		t.Errorf("the day is %q", got)
	}
}

func enterSends(t *testing.T, w world) {
	me, peer := pair()
	tb := w.open(t, w.url, chatPath(me, peer))
	tb.press(t, kb.Enter) // nothing
	tb.write(t, "   ")
	tb.press(t, kb.Enter) // nothing
	tb.navigate(t, "/?again"+chatPath(me, peer)[1:])
	eval[bool](t, tb, `(document.querySelector("textarea").value = "") === ""`)
	tb.write(t, "one")
	tb.press(t, kb.Enter, chromedp.ModifierShift)
	tb.press(t, kb.Enter, chromedp.ModifierShift)
	tb.write(t, "two")
	tb.press(t, kb.Enter)
	tb.awaitTexts(t, shownTexts, "one\n\ntwo")
	tb.await(t, "the field is empty", `document.querySelector("textarea").value === ""`)
	if got := w.stored(t, me+":"+peer); len(got) != 1 || got[0].Text != "one\n\ntwo" || got[0].Sender != me {
		t.Errorf("stored: %v", got)
	}
	if got := tb.text(".messages .text"); got != "one\n\ntwo" {
		t.Errorf("the paragraphs are shown as %q", got)
	}
}

func hostileTextStays(t *testing.T, w world) {
	me, peer := pair()
	texts := []string{
		`<img src=x onerror="document.title='hacked'">`,
		`<script>document.title='hacked'</script><style>*{display:none}</style>`,
		"\u202eright to left\u202c and \u202e for ever",
		`"><svg onload=alert(1)>{{7*7}}${7*7}`,
		strings.Repeat("long", 4096),
		strings.Repeat("👩‍👩‍👧‍👦 ", 600),
	}
	tb := w.open(t, w.url, chatPath(me, peer))
	for i, text := range texts {
		w.post(t, me+":"+peer, []string{me, peer}[i%2], text)
	}
	tb.awaitTexts(t, shownTexts, texts...)
	if eval[int](t, tb, `document.querySelectorAll(".messages :is(img, script, style, svg)").length`) != 0 {
		t.Error("a text has become HTML")
	}
	if title := eval[string](t, tb, "document.title"); !strings.HasPrefix(title, peer) {
		t.Errorf("the title is %q", title)
	}
	if wide := eval[[]string](t, tb, tooWide); len(wide) > 0 {
		t.Errorf("a text makes the page wider than the window: %q", wide)
	}
}

// One request is open for the page, whatever chat it shows.
func oneRequestIsOpen(t *testing.T, w world) {
	me, peer := pair()
	f := newFront(t, w.url)
	waiting := func() (n int) {
		for _, path := range []string{"/api/sync", "/api/pull", "/api/chats"} {
			for _, r := range f.asked(path) {
				if r.URL.Query().Get("wait_ms") > "0" && r.Context().Err() == nil {
					n++
				}
			}
		}
		return n
	}
	tb := w.open(t, f.url, chatPath(me, peer))
	process.Await(t, patience, "a request waits", func() bool { return waiting() == 1 })
	w.post(t, me+":other", "other", "here")
	tb.await(t, "the other chat is listed", `document.querySelector(".chats li").innerText.includes("here")`)
	eval[string](t, tb, `location.hash = "me=`+me+`&with=other"`)
	tb.awaitTexts(t, shownTexts, "here")
	w.post(t, me+":"+peer, peer, "not here")
	w.post(t, me+":other", "other", "and here")
	tb.awaitTexts(t, shownTexts, "here", "and here")
	tb.await(t, "the count of the other chat rises", `document.querySelectorAll(".chats .unread:not([hidden])").length === 1`)
	process.Await(t, patience, "one request waits", func() bool { return waiting() == 1 })
}

// What is refused holds up what was written after it, for a while.
func orderIsKept(t *testing.T, w world) {
	me, peer := pair()
	f := newFront(t, w.url)
	tb := w.open(t, f.url, chatPath(me, peer))
	var failed atomic.Int64
	f.setRule(failFirst(&failed, 2, "/api/send", 503))
	want := []string{"1", "2", "3", "4", "5"}
	for _, text := range want {
		tb.say(t, text)
	}
	tb.awaitTexts(t, shownTexts, want...)
	tb.awaitTexts(t, pendingTexts)
	var got []string
	for _, m := range w.stored(t, me+":"+peer) {
		got = append(got, m.Text)
	}
	if !slices.Equal(got, want) {
		t.Errorf("stored %q; want %q", got, want)
	}
}
