package page

import (
	"net/http"
	"sync/atomic"
	"testing"
	"time"
)

// The stream of news waits as long as the service asks for, and goes on.
func streamWaits(t *testing.T, w world) {
	me, peer := pair()
	f := newFront(t, w.url)
	var calls atomic.Int64
	var times [3]time.Time
	f.setRule(func(w http.ResponseWriter, r *http.Request, _ http.Handler) bool {
		if r.URL.Path != "/api/sync" || calls.Load() > 2 {
			return false
		}
		n := calls.Add(1)
		times[n-1] = time.Now()
		if n == 3 {
			return false
		}
		w.Header().Set("Retry-After", "2")
		fail(w, http.StatusServiceUnavailable, "the rpc-server is of an earlier version")
		return true
	})
	tb := w.open(t, f.url, chatPath(me, peer))
	for _, place := range []string{".notice", ".trouble"} {
		tb.await(t, "the reason is told", `document.querySelector("`+place+`").innerText.startsWith("The rpc-server is of an earlier version.")`)
	}
	w.post(t, me+":"+peer, peer, "meanwhile")
	tb.awaitTexts(t, shownTexts, "meanwhile")
	tb.await(t, "it is over", `!document.querySelector(".notice").checkVisibility() && !document.querySelector(".trouble").checkVisibility()`)
	for i := range 2 {
		if got := times[i+1].Sub(times[i]); got < 2*time.Second {
			t.Errorf("asked again after %v; want at least Retry-After", got)
		}
	}
}

// A cursor that the service no longer takes is given up: the page begins anew and misses nothing.
func cursorIsGivenUp(t *testing.T, w world) {
	me, peer := pair()
	f := newFront(t, w.url)
	w.post(t, me+":"+peer, me, "first")
	tb := w.open(t, f.url, chatPath(me, peer))
	tb.awaitTexts(t, shownTexts, "first")
	var refused atomic.Bool
	f.setRule(func(rw http.ResponseWriter, r *http.Request, _ http.Handler) bool {
		if r.URL.Path != "/api/sync" || refused.Swap(true) {
			return false
		}
		w.post(t, me+":"+peer, peer, "third")
		fail(rw, http.StatusBadRequest, "cursor is not of this API")
		return true
	})
	w.post(t, me+":"+peer, peer, "second")
	tb.awaitTexts(t, shownTexts, "first", "second", "third")
	w.post(t, me+":"+peer, peer, "fourth")
	tb.awaitTexts(t, shownTexts, "first", "second", "third", "fourth")
	if n := len(f.asked("/api/chats")); n != 2 {
		t.Errorf("the list is read %d times; want 2", n)
	}
}
