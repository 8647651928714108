package page

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"example.com/im/test/process"
)

// failFirst answers the first n calls of a path with a status.
func failFirst(failed *atomic.Int64, n int64, path string, status int) rule {
	return func(w http.ResponseWriter, r *http.Request, _ http.Handler) bool {
		if r.URL.Path != path || failed.Add(1) > n {
			return false
		}
		fail(w, status, "not now")
		return true
	}
}

// wantOnce checks that the sends had one key, and that one message is stored.
func wantOnce(t *testing.T, w world, f *front, chat string, sends int) {
	t.Helper()
	keys := f.keys()
	if len(keys) != sends || len(slices.Compact(slices.Clone(keys))) != 1 || keys[0] == "" {
		t.Errorf("sent with the keys %q; want %d times one key", keys, sends)
	}
	if got := w.stored(t, chat); len(got) != 1 {
		t.Errorf("stored: %v", got)
	}
}

// Not stored, says 503, and when to come back.
func busyServiceIsAsked(t *testing.T, w world) {
	me, peer := pair()
	f := newFront(t, w.url)
	tb := w.open(t, f.url, chatPath(me, peer))
	var refused atomic.Int64
	var times [3]time.Time
	const wait = 2 // seconds
	f.setRule(func(w http.ResponseWriter, r *http.Request, _ http.Handler) bool {
		if r.URL.Path != "/api/send" {
			return false
		}
		n := refused.Add(1)
		times[min(n-1, 2)] = time.Now()
		if n > 2 {
			return false
		}
		if n == 1 {
			w.Header().Set("Retry-After", "2")
		}
		fail(w, http.StatusServiceUnavailable, "too many requests at once: try again")
		return true
	})
	tb.say(t, "hello")
	tb.await(t, "the failure is shown", `document.querySelector(".pending .fate p").innerText.startsWith("Too many requests at once: try again.")`)
	tb.awaitTexts(t, pendingTexts, "hello")
	tb.awaitTexts(t, shownTexts, "hello")
	tb.awaitTexts(t, pendingTexts)
	wantOnce(t, w, f, me+":"+peer, 3)
	if got := times[1].Sub(times[0]); got < wait*time.Second {
		t.Errorf("tried again after %v; want at least Retry-After", got)
	}
}

func attemptsBecomeRarer(t *testing.T, w world) {
	tb := w.open(t, w.url, "/")
	waits := eval[[]float64](t, tb, `import("/page/patience.js").then(({ Backoff }) => { const b = new Backoff(); return [...Array(9)].map(() => b.next()).concat(b.next(60_000)) })`)
	for i, least := 0, 250.0; i < 9; i, least = i+1, min(2*least, 10_000) { // ms
		if waits[i] < least || waits[i] > 2*least {
			t.Errorf("attempt %d comes after %v ms; want %v to %v", i+1, waits[i], least, 2*least)
		}
	}
	if waits[9] < 60_000 {
		t.Errorf("the service asks for 60,000 ms, and gets %v", waits[9])
	}
}

// Not known, says 504, and it is stored: the key finds that out.
func unknownOutcomeIsAsked(t *testing.T, w world) {
	me, peer := pair()
	f := newFront(t, w.url)
	tb := w.open(t, f.url, chatPath(me, peer))
	var calls atomic.Int64
	f.setRule(func(w http.ResponseWriter, r *http.Request, pass http.Handler) bool {
		if r.URL.Path != "/api/send" {
			return false
		}
		switch calls.Add(1) {
		case 1:
			pass.ServeHTTP(httptest.NewRecorder(), r)
			fail(w, http.StatusGatewayTimeout, "the answer got lost")
		case 2: // nor is there an answer at all
			pass.ServeHTTP(httptest.NewRecorder(), r)
			panic(http.ErrAbortHandler)
		default:
			return false
		}
		return true
	})
	tb.say(t, "hello")
	tb.awaitTexts(t, shownTexts, "hello")
	tb.awaitTexts(t, pendingTexts)
	process.Await(t, patience, "the key is asked until there is an answer", func() bool { return calls.Load() == 3 })
	tb.await(t, "nothing is kept", `Object.keys(localStorage).every((key) => !key.startsWith("im.unsent"))`)
	wantOnce(t, w, f, me+":"+peer, 3)
	tb.awaitTexts(t, shownTexts, "hello")
}

func unsentSurvives(t *testing.T, w world) {
	me, peer := pair()
	f := newFront(t, w.url)
	tb := w.open(t, f.url, chatPath(me, peer))
	f.setRule(func(w http.ResponseWriter, r *http.Request, _ http.Handler) bool {
		if r.URL.Path != "/api/send" {
			return false
		}
		fail(w, http.StatusServiceUnavailable, "not now")
		return true
	})
	tb.say(t, "keep me")
	tb.await(t, "the failure is shown", `document.querySelector(".pending .fate:not([hidden])")`)
	tb.do(t, chromedp.Reload())
	tb.awaitTexts(t, pendingTexts, "keep me")
	f.setRule(nil)
	tb.await(t, "there is a way to send it now", `document.querySelector(".pending .retry")?.checkVisibility() || document.querySelector(".messages .message")`)
	tb.do(t, chromedp.Evaluate[chromedp.Void](`document.querySelector(".pending .retry")?.click()`))
	tb.awaitTexts(t, shownTexts, "keep me")
	tb.awaitTexts(t, pendingTexts)
	wantOnce(t, w, f, me+":"+peer, len(f.keys()))
}

func draftSurvives(t *testing.T, w world) {
	me, peer := pair()
	tb := w.open(t, w.url, chatPath(me, peer))
	tb.write(t, "half a sent")
	tb.do(t, chromedp.Reload())
	tb.await(t, "the draft is there", `document.querySelector("textarea")?.value === "half a sent"`)
	tb.say(t, "ence")
	tb.awaitTexts(t, shownTexts, "half a sentence")
	tb.do(t, chromedp.Reload())
	tb.awaitTexts(t, shownTexts, "half a sentence")
	tb.await(t, "the draft is gone", `document.querySelector("textarea").value === ""`)
}
