package page

import (
	"fmt"
	"slices"
	"testing"

	"github.com/chromedp/chromedp/kb"
)

func historyIsRead(t *testing.T, w world) {
	me, peer := pair()
	var want []string
	for i := range 230 {
		want = append(want, fmt.Sprintf("message %d", i))
		w.post(t, me+":"+peer, []string{me, peer}[i/3%2], want[i])
	}
	w.read(t, me+":"+peer, me)
	tb := w.open(t, w.url, chatPath(me, peer))
	tb.await(t, "the newest is shown", `document.querySelector(".messages .message:last-child .text").textContent === "message 229"`)
	if !eval[bool](t, tb, `(() => { const s = document.querySelector(".scroller").getBoundingClientRect(), m = document.querySelector(".messages .message:last-child").getBoundingClientRect(); return m.bottom <= s.bottom + 1 && m.top >= s.top })()`) {
		t.Error("the newest message is not in sight")
	}
	const count = `document.querySelectorAll(".messages .message").length`
	for pages := 0; ; pages++ {
		n := eval[int](t, tb, count)
		if n == len(want) {
			break
		}
		if pages > 20 {
			t.Fatalf("%d messages after %d pages", n, pages)
		}
		// The oldest message that is there stays where it is when others come before it.
		moved := eval[float64](t, tb, `(async () => {
			const scroller = document.querySelector(".scroller"), oldest = document.querySelector(".messages .message");
			scroller.scrollTop = oldest.offsetTop - scroller.offsetTop - scroller.scrollHeight + scroller.clientHeight;
			const before = oldest.getBoundingClientRect().top;
			while (`+count+` === `+fmt.Sprint(n)+`) await new Promise(requestAnimationFrame);
			await new Promise(requestAnimationFrame);
			return oldest.getBoundingClientRect().top - before;
		})()`)
		if moved > 1 || moved < -1 {
			t.Errorf("with %d messages there, reading more moves them by %v px", n, moved)
		}
	}
	tb.awaitTexts(t, shownTexts, want...)
	tb.await(t, "the beginning is told", `document.querySelector(".older").textContent.includes("begins")`)
	if days := eval[int](t, tb, `document.querySelectorAll(".day").length`); days > 2 {
		t.Errorf("%d lines between days; want 1, or 2 at midnight", days)
	}
}

func newsDoesNotMove(t *testing.T, w world) {
	me, peer := pair()
	for i := range 30 {
		w.post(t, me+":"+peer, peer, fmt.Sprintf("message %d", i))
	}
	w.read(t, me+":"+peer, me)
	tb := w.open(t, w.url, chatPath(me, peer))
	tb.await(t, "the messages are shown", `document.querySelectorAll(".messages .message").length === 30`)
	const read = `document.querySelectorAll(".messages .message")[3].getBoundingClientRect().top`
	before := eval[float64](t, tb, `(document.querySelector(".scroller").scrollTop = -800) && new Promise((r) => requestAnimationFrame(() => r(`+read+`)))`)
	w.post(t, me+":"+peer, peer, "news\n\nof three lines")
	tb.await(t, "there is a way to the news", `document.querySelector(".jump").innerText.startsWith("1 new")`)
	if after := eval[float64](t, tb, read); after-before > 1 || before-after > 1 {
		t.Errorf("the news moves what is read by %v px", after-before)
	}
	tb.click(t, ".jump")
	tb.await(t, "the news is in sight", `document.querySelector(".scroller").scrollTop === 0 && document.querySelector(".jump").hidden`)
}

// Each day has its line, also where a page of history ends within a day.
func daysAreToldApart(t *testing.T, w world) {
	tb := w.open(t, w.url, "/")
	got := eval[[]string](t, tb, `import("/page/timeline.js").then(({ Timeline }) => {
		const list = document.createElement("ol"), timeline = new Timeline(list, "john"), noon = new Date().setHours(12, 0, 0, 0);
		const on = (daysAgo, text) => ({ chat: "doe:john", sender: "doe", text, send_time: new Date(noon).setDate(new Date(noon).getDate() - daysAgo) * 1000 });
		timeline.append([on(1, "c"), on(0, "d"), on(0, "e")], 0);
		timeline.prepend([on(400, "a"), on(1, "b")], 0);
		return [...list.children].map((e) => e.matches(".day") ? "day " + e.textContent.replace(/.*\d{4}$/, "with a year") : e.querySelector(".text").textContent);
	})`)
	want := []string{"day with a year", "a", "day yesterday", "b", "c", "day today", "d", "e"}
	if !slices.Equal(got, want) {
		t.Errorf("shown: %q; want %q", got, want)
	}
}

// A date leads to the first message of that day, from which one reads on in both directions.
func dateIsFound(t *testing.T, w world) {
	me, peer := pair()
	for i := range 120 {
		w.post(t, me+":"+peer, peer, fmt.Sprintf("message %d", i))
	}
	w.read(t, me+":"+peer, me)
	tb := w.open(t, w.url, chatPath(me, peer))
	tb.await(t, "the newest is shown", `document.querySelector(".messages .message:last-child .text").textContent === "message 119"`)
	jump := func(day string) {
		tb.click(t, ".calendar")
		tb.await(t, "the field has the focus", `document.activeElement.matches(".goto input")`)
		eval[string](t, tb, `document.querySelector(".goto input").value = `+day)
		tb.press(t, kb.Enter)
		tb.await(t, "the field is gone", `!document.querySelector(".goto").checkVisibility()`)
	}
	jump(`new Date(Date.now() - new Date().getTimezoneOffset() * 60_000).toISOString().slice(0, 10)`)
	tb.await(t, "the day's first message is in sight", `(() => { const e = document.querySelector(".messages .message"), r = e.getBoundingClientRect(), s = document.querySelector(".scroller").getBoundingClientRect(); return e.innerText.includes("message 0") && r.top >= s.top && r.bottom <= s.bottom })()`)
	tb.await(t, "the newest is not there", `!document.querySelector(".messages").innerText.includes("message 119")`)
	jump(`"2100-01-01"`)
	tb.await(t, "after the end comes the end", `document.querySelector(".messages .message:last-child .text").textContent === "message 119"`)
}
