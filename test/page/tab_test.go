package page

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"example.com/im/test/process"
)

// patience is for how long a page may take for what it has to do, on a machine that
// is busy with other tests.
const patience = time.Minute

// tab is a page of a person who has a browser of their own. At the end of the test
// it must have called nobody but its origin, and complained of nothing.
type tab struct {
	ctx    context.Context
	origin string
	issuer string // of world

	mu       sync.Mutex
	problems []string
}

// open opens the page at a path of origin.
func (w world) open(t *testing.T, origin, path string) *tab {
	t.Helper()
	ctx, stop := chromedp.NewContext(w.browser, chromedp.WithNewBrowserContext())
	tb := &tab{ctx: ctx, origin: origin, issuer: w.issuer}
	t.Cleanup(func() {
		if t.Failed() {
			text := tb.text("body")
			t.Logf("the page ends with:\n%s", text[max(0, len(text)-1000):])
		}
		stop()
		for _, problem := range tb.problems {
			t.Error(problem)
		}
	})
	if err := chromedp.Listen(ctx, tb.watch); err != nil {
		t.Fatal(err)
	}
	tb.enable(t)
	tb.navigate(t, path)
	return tb
}

// enable asks the browser for the events that watch looks at.
func (tb *tab) enable(t *testing.T) {
	t.Helper()
	_, err := chromedp.Call(tb.ctx, network.Enable, network.EnableParams{})
	if err == nil {
		_, err = chromedp.Call(tb.ctx, log.Enable, cdp.Empty{})
	}
	if err != nil {
		t.Fatal(err)
	}
}

// watch notes what the page must not do.
func (tb *tab) watch(event any) {
	switch e := event.(type) {
	case *network.EventRequestWillBeSent:
		tb.called(e.Request.URL)
	case *runtime.EventExceptionThrown:
		tb.note("exception: %s", toJSON(e.ExceptionDetails))
	case *runtime.EventConsoleAPICalled:
		tb.note("console: %s %s", e.Type, toJSON(e.Args))
	case *log.EventEntryAdded:
		ofOthers := tb.issuer != "" && strings.HasPrefix(e.Entry.URL, tb.issuer)
		if e.Entry.Source != log.EntrySourceNetwork && !ofOthers { // the browser's own lines about failed calls
			tb.note("log: %s %s", e.Entry.Source, e.Entry.Text)
		}
	}
}

// called notes a call of somebody whom the page must not call.
func (tb *tab) called(url string) {
	if tb.issuer != "" && strings.HasPrefix(url, tb.issuer+"/") {
		return
	}
	if !strings.HasPrefix(url, tb.origin+"/") && !strings.HasPrefix(url, "data:") {
		tb.note("the page calls %s", url)
	}
}

func (tb *tab) note(format string, args ...any) {
	tb.mu.Lock()
	defer tb.mu.Unlock()
	tb.problems = append(tb.problems, fmt.Sprintf(format, args...))
}

// navigate opens a path, as if it had been typed.
func (tb *tab) navigate(t *testing.T, path string) {
	t.Helper()
	tb.do(t, chromedp.Navigate(tb.origin+path))
	tb.await(t, "the page is drawn", `document.getElementById("app").childElementCount > 0 && !document.querySelector('.opening[aria-busy="true"]')`)
}

func (tb *tab) do(t *testing.T, actions ...chromedp.Action[chromedp.Void]) {
	t.Helper()
	ctx, cancel := context.WithTimeout(tb.ctx, patience)
	defer cancel()
	if err := chromedp.Do(ctx, actions...); err != nil {
		t.Fatal(err)
	}
}

// eval returns the value of a JavaScript expression, once a promise is kept.
func eval[T any](t *testing.T, tb *tab, expression string) T {
	t.Helper()
	ctx, cancel := context.WithTimeout(tb.ctx, patience)
	defer cancel()
	value, err := chromedp.Run(ctx, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise))
	if err != nil {
		t.Fatalf("%s: %v", expression, err)
	}
	return value
}

// await waits until a JavaScript condition holds; what names it.
func (tb *tab) await(t *testing.T, what, condition string) {
	t.Helper()
	process.Await(t, patience, what, func() bool { return tb.holds(t, condition) })
}

// holds reports whether a JavaScript condition holds. It does not on a page that is just
// being left.
func (tb *tab) holds(t *testing.T, condition string) bool {
	t.Helper()
	ctx, cancel := context.WithTimeout(tb.ctx, patience)
	defer cancel()
	holds, err := chromedp.Run(ctx, chromedp.Evaluate[bool]("(() => { try { return Boolean("+condition+") } catch { return false } })()"))
	if err != nil && !strings.Contains(err.Error(), "navigated or closed") {
		t.Fatalf("%s: %v", condition, err)
	}
	return err == nil && holds
}

// text returns what an element shows, or why it does not.
func (tb *tab) text(selector string) string {
	text, err := chromedp.Run(tb.ctx, chromedp.Evaluate[string](fmt.Sprintf("document.querySelector(%q)?.innerText ?? ''", selector)))
	if err != nil {
		return err.Error()
	}
	return text
}

// write types text, where the focus is.
func (tb *tab) write(t *testing.T, text string) {
	t.Helper()
	tb.do(t, chromedp.KeyEvent(text))
}

// press presses a key, with modifiers.
func (tb *tab) press(t *testing.T, key string, modifiers ...chromedp.Modifier) {
	t.Helper()
	tb.do(t, chromedp.KeyEvent(key, chromedp.KeyModifiers(modifiers...), func(p *input.DispatchKeyEventParams) {
		if p.Type == input.DispatchKeyEventTypeKeyDown {
			p.Type = input.DispatchKeyEventTypeRawKeyDown // else what the page prevents comes as a character nevertheless
		}
	}))
}

// say writes a message into the pane that has the focus, and sends it.
func (tb *tab) say(t *testing.T, text string) {
	t.Helper()
	tb.write(t, text)
	tb.press(t, kb.Enter)
}

// click clicks on an element.
func (tb *tab) click(t *testing.T, selector string) {
	t.Helper()
	tb.do(t, chromedp.Click(chromedp.CSS(selector)))
}

// toJSON returns v as JSON, which is also JavaScript.
func toJSON(v any) string {
	text, err := json.Marshal(v)
	if err != nil {
		panic(err) // only for what JSON cannot say
	}
	return string(text)
}
