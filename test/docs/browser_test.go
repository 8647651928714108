package docs

import (
	"context"
	"encoding/json"
	"fmt"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"example.com/im/rpc-server/store/storetest"
)

// patience is for how long the page may take for what it has to do, on a machine
// that is busy with other tests.
const patience = time.Minute

// tab shows a page in a Chromium. At the end of the test the page must have called
// nobody but its origin, and complained of nothing.
type tab struct {
	*testing.T
	ctx    context.Context
	origin string

	mu       sync.Mutex
	requests []string
	problems []string
}

// open opens a page.
func open(t *testing.T, origin, path string) *tab {
	t.Helper()
	storetest.Needs(t, "Chromium")
	chromium, err := exec.LookPath("chromium")
	if err != nil {
		t.Fatalf("%v: on Debian, apt-get install chromium", err)
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(chromium), chromedp.NoSandbox) // which Chromium lacks for root, and in most containers
	allocator, stop := chromedp.NewExecAllocator(context.Background(), options...)
	t.Cleanup(stop)
	ctx, closeTab := chromedp.NewContext(allocator)
	tb := &tab{T: t, ctx: ctx, origin: origin}
	t.Cleanup(func() {
		closeTab()
		tb.mu.Lock()
		defer tb.mu.Unlock()
		for _, problem := range tb.problems {
			t.Error(problem)
		}
	})
	if err := chromedp.Listen(ctx, tb.watch); err != nil {
		t.Fatal(err)
	}
	if _, err = chromedp.Call(ctx, network.Enable, network.EnableParams{}); err == nil {
		_, err = chromedp.Call(ctx, log.Enable, cdp.Empty{})
	}
	if err == nil {
		err = chromedp.Do(ctx, chromedp.Navigate(origin+path))
	}
	if err != nil {
		t.Fatalf("open %s: %v", path, err)
	}
	return tb
}

// watch notes what the page asks for, and what it must not do.
func (tb *tab) watch(event any) {
	tb.mu.Lock()
	defer tb.mu.Unlock()
	note := func(format string, args ...any) { tb.problems = append(tb.problems, fmt.Sprintf(format, args...)) }
	switch e := event.(type) {
	case *network.EventRequestWillBeSent:
		tb.requests = append(tb.requests, e.Request.Method+" "+strings.TrimPrefix(e.Request.URL, tb.origin))
		if url := e.Request.URL; !strings.HasPrefix(url, tb.origin+"/") && !strings.HasPrefix(url, "data:") {
			note("the page calls %s", url)
		}
	case *runtime.EventExceptionThrown:
		note("exception: %v", e.ExceptionDetails)
	case *log.EventEntryAdded:
		if e.Entry.Source != log.EntrySourceNetwork { // the browser's own lines about answers that are errors
			note("log: %s %s %s", e.Entry.Source, e.Entry.Text, e.Entry.URL)
		}
	}
}

// last returns the latest request that the page has made.
func (tb *tab) last() string {
	tb.mu.Lock()
	defer tb.mu.Unlock()
	return tb.requests[len(tb.requests)-1]
}

// fill writes into a field, in the way in which React notices.
func (tb *tab) fill(field, text string) {
	tb.Helper()
	tb.await(field)
	eval[bool](tb, fmt.Sprintf(`((field) => {
		const { set } = Object.getOwnPropertyDescriptor(Object.getPrototypeOf(field), "value");
		set.call(field, %s);
		field.dispatchEvent(new Event("input", { bubbles: true }));
		field.dispatchEvent(new Event("change", { bubbles: true }));
		field.dispatchEvent(new FocusEvent("focusout", { bubbles: true })); // or Swagger UI waits a moment for more
		return true;
	})(%s)`, toJSON(text), field))
	tb.await(fmt.Sprintf("%s.value === %s", field, toJSON(text)))
}

// click clicks on what is there.
func (tb *tab) click(element string) {
	tb.Helper()
	tb.await(element)
	eval[bool](tb, element+".click() ?? true")
}

// eval returns the value of a JavaScript expression.
func eval[T any](tb *tab, expression string) T {
	tb.Helper()
	ctx, cancel := context.WithTimeout(tb.ctx, patience)
	defer cancel()
	value, err := chromedp.Run(ctx, chromedp.Evaluate[T](expression))
	if err != nil {
		tb.Fatalf("%s: %v", expression, err)
	}
	return value
}

// await waits until a JavaScript condition holds.
func (tb *tab) await(condition string) {
	tb.Helper()
	for end := time.Now().Add(patience); !eval[bool](tb, "Boolean("+condition+")"); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(end) {
			tb.Fatalf("still waiting for %s; the page ends with:\n%.2000s", condition, eval[string](tb, "document.body.innerText"))
		}
	}
}

// toJSON returns v as JSON, which is also JavaScript.
func toJSON(v any) string {
	text, err := json.Marshal(v)
	if err != nil {
		panic(err) // only for what JSON cannot say
	}
	return string(text)
}
