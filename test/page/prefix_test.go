package page

import (
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"testing"
)

// The page works wherever a proxy has put it.
func prefixIsKept(t *testing.T, w world) {
	target, err := url.Parse(w.url)
	if err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux() // all other paths are 404
	mux.Handle("/chat/im/", http.StripPrefix("/chat/im", httputil.NewSingleHostReverseProxy(target)))
	server := httptest.NewServer(mux)
	t.Cleanup(func() {
		server.CloseClientConnections() // those that wait for a message
		server.Close()
	})
	me, peer := pair()
	w.group(t, "team"+me, me, []string{peer}, nil)
	tb := w.open(t, server.URL+"/chat/im", chatPath(me, peer))
	tb.await(t, "the page is styled", `getComputedStyle(document.querySelector(".pane")).display === "grid" && document.querySelector("link[rel=icon]").href.endsWith("/chat/im/page/icon.svg")`)
	tb.say(t, "from afar")
	tb.awaitTexts(t, shownTexts, "from afar")
	w.post(t, me+":"+peer, peer, "and back")
	tb.awaitTexts(t, shownTexts, "from afar", "and back")
	tb.click(t, `.chats li:last-child a`)
	tb.awaitTexts(t, changes, "You made the group with "+peer)
}
