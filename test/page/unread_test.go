package page

import (
	"fmt"
	"testing"

	"github.com/chromedp/chromedp"

	"example.com/im/test/process"
)

// unreadCounts are the numbers in the list.
const unreadCounts = `[...document.querySelectorAll(".chats li")].map((e) => e.querySelector(".unread").checkVisibility() ? e.querySelector(".unread b").textContent : "")`

// The list counts what is unread, and the title has the sum.
func unreadIsCounted(t *testing.T, w world) {
	me, peer := pair()
	for i := range 101 {
		w.post(t, me+":busy", "busy", fmt.Sprint(i))
	}
	w.post(t, me+":"+peer, peer, "one")
	w.post(t, me+":"+peer, peer, "two")
	w.post(t, me+":"+peer, me, "mine does not count")
	tb := w.open(t, w.url, "/#me="+me)
	tb.awaitTexts(t, unreadCounts, "2", "99+")
	tb.await(t, "the title is of the sum", `document.title === "(99+) Chat"`)
	w.post(t, me+":"+peer, peer, "three")
	tb.awaitTexts(t, unreadCounts, "3", "99+")
	w.read(t, me+":busy", me) // on another device
	tb.awaitTexts(t, unreadCounts, "3", "")
	tb.await(t, "the title is of the sum", `document.title === "(3) Chat"`)
}

// Only the service can count what is left when another device has read a part.
func partlyReadIsCounted(t *testing.T, w world) {
	me, peer := pair()
	var middle int64
	for i := range 9 {
		if sent := w.post(t, me+":"+peer, peer, fmt.Sprint(i)); i == 4 {
			middle = sent
		}
	}
	tb := w.open(t, w.url, "/#me="+me)
	tb.awaitTexts(t, unreadCounts, "9")
	w.change(t, "/api/read", map[string]any{"chat": me + ":" + peer, "member": me, "send_time": middle})
	tb.awaitTexts(t, unreadCounts, "4")
}

// A chat opens at the line before what is unread. It is read when its end is seen.
func opensAtUnread(t *testing.T, w world) {
	me, peer := pair()
	f := newFront(t, w.url)
	for i := range 200 {
		w.post(t, me+":"+peer, []string{peer, me}[i%2], fmt.Sprintf("old %d", i))
	}
	w.read(t, me+":"+peer, me)
	for i := range 60 { // more than a page
		w.post(t, me+":"+peer, peer, fmt.Sprintf("unread %d", i))
	}
	tb := w.open(t, f.url, chatPath(me, peer))
	tb.await(t, "the line is before what is unread", `document.querySelector(".divider + .message .text").textContent === "unread 0"`)
	const inSight = `(() => { const s = document.querySelector(".scroller").getBoundingClientRect(), d = document.querySelector(".divider").getBoundingClientRect(); return d.top > s.top && d.bottom < s.top + s.height / 2 })()`
	tb.await(t, "the line is in the upper half of the window", inSight)
	tb.await(t, "there is a way to the newest", `document.querySelector(".jump").checkVisibility() && document.querySelector(".jump").innerText.startsWith("Newest")`)
	if n := len(f.asked("/api/read")); n != 0 {
		t.Errorf("%d marks before the end was seen", n)
	}
	tb.awaitTexts(t, unreadCounts, "60")
	tb.click(t, ".jump")
	tb.await(t, "the newest is in sight", `document.querySelector(".messages .message:last-child .text").textContent === "unread 59" && document.querySelector(".scroller").scrollTop === 0`)
	tb.await(t, "the button is gone", `!document.querySelector(".jump").checkVisibility()`)
	tb.awaitTexts(t, unreadCounts, "")
	process.Await(t, patience, "the service is told", func() bool { return len(f.asked("/api/read")) == 1 })
	tb.do(t, chromedp.Reload())
	tb.await(t, "the newest is shown", `document.querySelector(".messages .message:last-child .text").textContent === "unread 59"`)
	if eval[bool](t, tb, `document.querySelector(".divider") !== null`) {
		t.Error("there is a line although nothing is unread")
	}
}

// What comes while nobody looks stays unread until somebody does.
func hiddenIsNotRead(t *testing.T, w world) {
	me, peer := pair()
	f := newFront(t, w.url)
	w.post(t, me+":"+peer, me, "hello")
	tb := w.open(t, f.url, chatPath(me, peer))
	tb.awaitTexts(t, shownTexts, "hello")
	tb.hide(t, true)
	w.post(t, me+":"+peer, peer, "are you there?")
	w.post(t, me+":"+peer, peer, "hello?")
	tb.awaitTexts(t, shownTexts, "hello", "are you there?", "hello?")
	tb.awaitTexts(t, unreadCounts, "2")
	tb.await(t, "the line is before them", `document.querySelector(".divider + .message .text").textContent === "are you there?"`)
	if n := len(f.asked("/api/read")); n != 0 {
		t.Errorf("%d marks while nobody looks", n)
	}
	tb.hide(t, false)
	tb.awaitTexts(t, unreadCounts, "")
	process.Await(t, patience, "the service is told", func() bool { return len(f.asked("/api/read")) == 1 })
}

// Who has written learns that the other has seen it, and only then.
func seenIsShown(t *testing.T, w world) {
	me, peer := pair()
	john := w.open(t, w.url, chatPath(me, peer))
	john.say(t, "first")
	john.awaitTexts(t, shownTexts, "first")
	john.say(t, "second")
	john.awaitTexts(t, shownTexts, "first", "second")
	if eval[bool](t, john, `document.querySelector(".receipt") !== null`) {
		t.Error("nobody has seen anything yet")
	}
	doe := w.open(t, w.url, chatPath(peer, me))
	doe.awaitTexts(t, shownTexts, "first", "second")
	const receipts = `[...document.querySelectorAll(".receipt")].map((e) => e.closest(".message").querySelector(".text").textContent + ": " + e.textContent)`
	john.awaitTexts(t, receipts, "second: Seen")
	john.navigate(t, "/?again"+chatPath(me, peer)[1:])
	john.awaitTexts(t, receipts, "second: Seen")
}
