// Package docs uses the page under /docs in a real browser, before the real system.
package docs

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/cloudwego/hertz/pkg/common/hlog"
	"github.com/cloudwego/kitex/pkg/klog"

	"example.com/im/http-server/openapi/openapitest"
	"example.com/im/test/stack/stacktest"
)

func TestMain(m *testing.M) {
	klog.SetLevel(klog.LevelFatal)
	hlog.SetLevel(hlog.LevelFatal)
	os.Exit(m.Run())
}

// The page shows each call of the contract; calls can be tried on it; and it needs
// nothing from elsewhere.
func TestDocs(t *testing.T) {
	t.Parallel()
	tb := open(t, stacktest.URL(t), "/docs")
	tb.await(`document.querySelector(".opblock")`)
	tb.await(`document.querySelector(".btn.authorize")`) // for a token
	shown := eval[[]string](tb, `[...document.querySelectorAll(".opblock")].map((b) =>
		b.querySelector(".opblock-summary-method").innerText + " " + b.querySelector(".opblock-summary-path").dataset.path)`)
	slices.Sort(shown)
	if want := documented(t); !slices.Equal(shown, want) {
		t.Errorf("the page shows\n%q; want\n%q", shown, want)
	}

	tb.expand("send")
	for range 2 { // as the page fills it in, which names no key under which another message may be stored
		example := block("send") + `.querySelector(".body-param__text")`
		tb.await(example)
		if got := tb.try("send", eval[string](tb, example+".value")); !strings.HasPrefix(got, "200 {") {
			t.Errorf("a send of the example: %s", got)
		}
	}
	if filled := eval[string](tb, `[...`+block("send")+`.querySelectorAll(".parameters input")].map((i) => i.value).join("")`); filled != "" {
		t.Errorf("the parameters of send come filled with %q", filled)
	}
	message := map[string]string{"chat": "doe:john", "sender": "John", "text": "tried\nout"}
	if got := tb.try("send", toJSON(message)); !strings.HasPrefix(got, "200 {") || !strings.Contains(got, `"send_time"`) {
		t.Errorf("send: %s", got)
	}
	if got := tb.try("send", `{"chat":"doe:john"}`); !strings.HasPrefix(got, "400 ") || !strings.Contains(got, "invalid_argument") {
		t.Errorf("a send without a text: %s", got)
	}
	tb.expand("pull")
	if got := tb.try("pull", `{"chat":"a:b"}`); !strings.HasPrefix(got, "200 ") || !strings.Contains(got, `"tried\nout"`) {
		t.Errorf("pull by query: %s", got)
	}
	// A body with a GET, which browsers refuse to send.
	tb.fill(block("pull")+`.querySelector("[data-param-name=chat] input")`, "")
	got := tb.try("pull", `{"chat":" Doe:JOHN","limit":null}`)
	if !strings.HasPrefix(got, "200 ") || !strings.Contains(got, `"tried\nout"`) {
		t.Errorf("pull by body: %s", got)
	}
	if want := "&chat=+Doe%3AJOHN"; !strings.HasPrefix(tb.last(), "GET /api/pull?") || !strings.HasSuffix(tb.last(), want) {
		t.Errorf("the last request is %s; want one with %s", tb.last(), want)
	}
}

// documented returns the calls of the contract, in order.
func documented(t *testing.T) []string {
	t.Helper()
	c, err := openapitest.Ours()
	if err != nil {
		t.Fatal(err)
	}
	var calls []string
	for path, item := range c.Document.Paths.PathItems.FromOldest() {
		for method := range item.GetOperations().FromOldest() {
			calls = append(calls, strings.ToUpper(method)+" "+path)
		}
	}
	slices.Sort(calls)
	return calls
}

// block is the part of the page that shows a call.
func block(operation string) string {
	return fmt.Sprintf("document.getElementById(%q)", "operations-messages-"+operation)
}

// expand opens the block of a call.
func (tb *tab) expand(operation string) {
	tb.Helper()
	tb.click(block(operation) + `.querySelector(".opblock-summary-control")`)
}

// try makes a call with a body, as a reader of the page does, and returns the
// status and the body of the answer.
func (tb *tab) try(operation, body string) string {
	tb.Helper()
	within := block(operation) + ".querySelector"
	if eval[bool](tb, within+`(".btn-clear") !== null`) { // an earlier answer
		tb.click(within + `(".btn-clear")`)
	}
	tb.await("!" + within + `(".live-responses-table")`)
	tb.fill(within+`(".body-param__text")`, body)
	tb.click(within + `(".execute")`)
	const answer = `(".live-responses-table tbody .response-col_`
	tb.await(within + answer + `description .microlight")`)
	return eval[string](tb, within+answer+`status").innerText.trim() + " " + `+within+answer+`description .microlight").innerText`)
}
