package page

import (
	"context"
	"net/http"
	"testing"

	"example.com/im/rpc-server/store/storetest"
	"example.com/im/test/process"
	"example.com/im/test/stack"
	"example.com/im/test/stack/stacktest"
)

// The whole system goes away and comes back. What is written meanwhile is kept,
// delivered once, and the reader goes on.
func TestOutage(t *testing.T) {
	t.Parallel()
	cfg := stacktest.Config(t)
	cfg.HTTPAddr = storetest.Reserve(t)
	w := world{"http://" + cfg.HTTPAddr, startBrowser(t)}
	stop := serve(t, cfg)

	me, peer := pair()
	john := w.open(t, w.url, chatPath(me, peer))
	doe := w.open(t, w.url, chatPath(peer, me))
	john.say(t, "before")
	doe.awaitTexts(t, shownTexts, "before")

	stop()
	john.say(t, "meanwhile")
	john.say(t, "and more")
	john.await(t, "the failure is shown", `document.querySelector(".pending .fate:not([hidden])")`)
	john.awaitTexts(t, pendingTexts, "meanwhile", "and more")
	doe.await(t, "the outage is shown", `document.querySelector(".notice").checkVisibility()`)

	serve(t, cfg)
	for _, tb := range []*tab{john, doe} {
		tb.awaitTexts(t, shownTexts, "before", "meanwhile", "and more")
		tb.awaitTexts(t, pendingTexts)
		tb.await(t, "the outage is over", `!document.querySelector(".notice").checkVisibility()`)
	}
	doe.say(t, "after")
	john.awaitTexts(t, shownTexts, "before", "meanwhile", "and more", "after")
	if got := w.stored(t, me+":"+peer); len(got) != 4 {
		t.Errorf("stored: %v", got)
	}
}

// serve runs a stack until stop is called, at the latest at the end of the test.
func serve(t *testing.T, cfg stack.Config) (stop func()) {
	t.Helper()
	s, err := stack.Listen(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	stopped := make(chan error, 1)
	go func() {
		stopped <- s.Run(ctx)
		close(stopped)
	}()
	stop = func() {
		cancel()
		if err := <-stopped; err != nil {
			t.Errorf("Run = %v", err)
		}
	}
	t.Cleanup(stop)
	process.Await(t, patience, "the system serves", func() bool {
		return process.Status("http://"+cfg.HTTPAddr+"/readyz") == http.StatusOK
	})
	return stop
}
