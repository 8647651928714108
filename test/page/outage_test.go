package page

import (
	"testing"

	"example.com/im/rpc-server/store/storetest"
	"example.com/im/test/stack/stacktest"
)

// The whole system goes away and comes back. The page keeps what is written meanwhile
// and delivers it once, and the reader goes on.
func TestOutage(t *testing.T) {
	t.Parallel()
	cfg := stacktest.Config(t)
	cfg.HTTPAddr = storetest.Reserve(t)
	w := world{url: "http://" + cfg.HTTPAddr, browser: startBrowser(t)}
	_, stop := stacktest.StartWith(t, cfg)

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

	stacktest.StartWith(t, cfg)
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
