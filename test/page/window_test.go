package page

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/heapprofiler"
	"github.com/chromedp/cdproto/performance"
	"github.com/chromedp/chromedp"
)

// messageCount is how many messages are in the page.
const messageCount = `document.querySelectorAll(".messages:not(.pending) .message").length`

// fill posts n messages of peer, in their order.
func (w world) fill(t *testing.T, me, peer string, n int) {
	t.Helper()
	const writers = 16
	for begin := 0; begin < n; begin += writers {
		var wg sync.WaitGroup
		for i := begin; i < min(begin+writers, n); i++ {
			wg.Go(func() { w.post(t, me+":"+peer, peer, fmt.Sprintf("message %d, which says nothing in particular", i)) })
		}
		wg.Wait()
	}
}

// A long conversation costs what a short one does: the page holds a part of it.
func longConversationIsLight(t *testing.T, w world) {
	me, peer := pair()
	w.fill(t, me, peer, 200)
	w.read(t, me+":"+peer, me)
	tb := w.open(t, w.url, chatPath(me, peer))
	tb.readBack(t, 200)
	few := tb.weigh(t)
	w.fill(t, me, peer, 4800)
	w.read(t, me+":"+peer, me)
	tb.navigate(t, "/?long"+chatPath(me, peer)[1:])
	tb.readBack(t, 5000)
	many := tb.weigh(t)
	t.Logf("with 200 messages %v; with 5,000 %v", few, many)
	if many.nodes > 2*few.nodes {
		t.Errorf("5,000 messages have %d nodes; want at most twice the %d of 200", many.nodes, few.nodes)
	}
	t.Logf("a keystroke takes %v of CPU; on a machine at rest it must take less than 30 ms", tb.keystroke(t))
	// What has left comes again, down to the newest.
	tb.click(t, ".jump")
	tb.await(t, "the newest is in sight", `document.querySelector(".scroller").scrollTop === 0 && !document.querySelector(".jump").checkVisibility()`)
	w.post(t, me+":"+peer, peer, "news")
	tb.await(t, "news comes", `document.querySelector(".messages .message:last-child .text").textContent === "news"`)
}

// readBack scrolls back to the beginning of a chat of n messages, by the scroller alone.
func (tb *tab) readBack(t *testing.T, n int) {
	t.Helper()
	begin := time.Now()
	for !eval[bool](t, tb, `(async () => {
		const scroller = document.querySelector(".scroller"), oldest = () => document.querySelector(".messages .text")?.textContent;
		for (const end = performance.now() + 5000; performance.now() < end; await new Promise((r) => setTimeout(r, 10))) {
			if (document.querySelector(".older").textContent.includes("begins") && `+messageCount+` > 0) return true;
			scroller.scrollTop = -scroller.scrollHeight;
		}
		return false;
	})()`) {
		if time.Since(begin) > 5*patience {
			t.Fatalf("the beginning of %d messages is not reached", n)
		}
	}
	tb.await(t, "the first message is shown", `document.querySelector(".messages .text").textContent.startsWith("message ")`)
}

// weight is what the page costs.
type weight struct {
	nodes int     // of the DOM
	heap  float64 // bytes of JavaScript's heap, after it was cleaned
}

func (tb *tab) weigh(t *testing.T) weight {
	t.Helper()
	if _, err := chromedp.Call(tb.ctx, heapprofiler.CollectGarbage, cdp.Empty{}); err != nil {
		t.Fatal(err)
	}
	return weight{
		nodes: eval[int](t, tb, `document.querySelectorAll("*").length`),
		heap:  tb.metrics(t)["JSHeapUsedSize"],
	}
}

// metrics are the browser's own measurements of the page.
func (tb *tab) metrics(t *testing.T) map[string]float64 {
	t.Helper()
	if _, err := chromedp.Call(tb.ctx, performance.Enable, performance.EnableParams{TimeDomain: performance.EnableTimeDomainThreadTicks}); err != nil {
		t.Fatal(err)
	}
	result, err := chromedp.Call(tb.ctx, performance.GetMetrics, cdp.Empty{})
	if err != nil {
		t.Fatal(err)
	}
	metrics := map[string]float64{}
	for _, m := range result.Metrics {
		metrics[m.Name] = m.Value
	}
	return metrics
}

// keystroke returns the CPU time of the page's thread for one letter in the composer.
func (tb *tab) keystroke(t *testing.T) time.Duration {
	t.Helper()
	const letters = 20
	eval[bool](t, tb, `(document.querySelector("textarea").focus(), true)`)
	before := tb.metrics(t)["TaskDuration"]
	for range letters {
		tb.write(t, "x")
	}
	eval[bool](t, tb, `new Promise((r) => requestAnimationFrame(() => r(true)))`)
	return time.Duration((tb.metrics(t)["TaskDuration"] - before) / letters * float64(time.Second))
}
