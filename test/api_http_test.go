package test

import (
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// Unknown paths and wrong methods are errors of the API like all others.
func testPathsAndMethods(t *testing.T, c *client) {
	for _, path := range []string{"/nothing", "/api", "/api/", "/api/send//", "/api/pull//", "/api/chats//", "/api/Send", "/api/pull/message", "/../etc/passwd"} {
		c.do(t, http.MethodGet, path, "").wantError(t, http.StatusNotFound, "not_found", "")
	}
	for path, methods := range map[string][]string{
		"/api/send":          {http.MethodGet, http.MethodPut, http.MethodDelete, http.MethodPatch},
		"/api/pull":          {http.MethodPost, http.MethodPut, http.MethodDelete},
		"/api/pull/messages": {http.MethodPost, http.MethodDelete},
		"/api/chats":         {http.MethodPost, http.MethodDelete},
		"/ping":              {http.MethodPost},
	} {
		for _, method := range methods {
			r := c.do(t, method, path, "{}")
			r.wantError(t, http.StatusMethodNotAllowed, "method_not_allowed", "")
			if allow := r.header.Get("Allow"); allow == "" || slices.Contains(regexp.MustCompile(`[, ]+`).Split(allow, -1), method) {
				t.Errorf("%s %s: Allow = %q", method, path, allow)
			}
		}
	}
}

// Every call takes a body of 128 KiB and no more, with or without a Content-Length. The
// connection stays usable, or the server closes it after its answer.
func testLargeBodies(t *testing.T, c *client) {
	chat := newChat()
	doe, _, _ := strings.Cut(chat, ":")
	sized := func(size int) string {
		start := `{"chat":"` + chat + `","sender":"` + doe + `","text":"x","new":"`
		return start + strings.Repeat("x", size-len(start)-2) + `"}`
	}
	const limit = 128 << 10
	c.do(t, http.MethodPost, "/api/send", sized(limit)).sent(t)
	c.do(t, http.MethodGet, "/api/pull", sized(limit)).page(t)
	for _, size := range []int{limit + 1, 1 << 20} {
		c.do(t, http.MethodPost, "/api/send", sized(size)).wantError(t, http.StatusRequestEntityTooLarge, "too_large", "body: ")
		for _, path := range []string{"/api/pull", "/api/chats"} {
			c.do(t, http.MethodGet, path, sized(size)).wantError(t, http.StatusRequestEntityTooLarge, "too_large", "body: ")
		}
	}
	r := c.chunked(t, http.MethodPost, "/api/send", sized(limit))
	r.sent(t)
	r = c.chunked(t, http.MethodPost, "/api/send", sized(limit+1))
	r.wantError(t, http.StatusRequestEntityTooLarge, "too_large", "body: ")
	if p := c.pull(t, "chat", chat); len(p.Messages) != 2 {
		t.Errorf("stored are %d messages; want 2", len(p.Messages))
	}
}

// API answers are not for caches, whether they succeed or fail.
func testHeaders(t *testing.T, c *client) {
	chat := newChat()
	doe, _, _ := strings.Cut(chat, ":")
	for name, r := range map[string]reply{
		"send":    c.do(t, http.MethodPost, "/api/send", toJSON(map[string]string{"chat": chat, "sender": doe, "text": "x"})),
		"pull":    c.do(t, http.MethodGet, "/api/pull?chat="+chat, ""),
		"pull 2":  c.do(t, http.MethodGet, "/api/pull/messages?chat="+chat, ""),
		"refused": c.do(t, http.MethodGet, "/api/pull", ""),
	} {
		if got := r.header.Get("Cache-Control"); got != "no-store" {
			t.Errorf("%s: Cache-Control = %q; want no-store", name, got)
		}
		if got := r.header.Get("Content-Type"); got != "application/json" {
			t.Errorf("%s: Content-Type = %q; want application/json", name, got)
		}
	}
}

// Every answer has an id: the caller's, if that is a sane one.
func testRequestIDs(t *testing.T, c *client) {
	seen := map[string]bool{}
	for _, path := range []string{"/api/pull?chat=a:b", "/api/pull", "/ping", "/healthz", "/readyz", "/nothing", "/api/send"} {
		const id = "an-Id_42/of:the+caller~"
		if got := c.do(t, http.MethodGet, path, "", "X-Request-ID", id).header.Get("X-Request-ID"); got != id {
			t.Errorf("%s: X-Request-ID = %q; want the caller's", path, got)
		}
		got := c.do(t, http.MethodGet, path, "").header.Get("X-Request-ID")
		if got == "" || seen[got] {
			t.Errorf("%s: X-Request-ID = %q; want a new one", path, got)
		}
		seen[got] = true
	}
	longest := strings.Repeat("x", 128)
	for id, taken := range map[string]bool{longest: true, longest + "x": false, "a b": false, "é": false, `"`: true} {
		if got := c.do(t, http.MethodGet, "/ping", "", "X-Request-ID", id).header.Get("X-Request-ID"); (got == id) != taken || got == "" {
			t.Errorf("X-Request-ID %q is answered by %q; taken over should be %v", id, got, taken)
		}
	}
}

// Pages of other origins may call: a browser asks first.
func testCORS(t *testing.T, c *client) {
	const origin = "https://page.example"
	for path, method := range map[string]string{"/api/send": http.MethodPost, "/api/pull": http.MethodGet, "/api/pull/messages": http.MethodGet} {
		r := c.do(t, http.MethodOptions, path, "", "Origin", origin,
			"Access-Control-Request-Method", method, "Access-Control-Request-Headers", "content-type,idempotency-key,x-request-id")
		if r.status != http.StatusNoContent && r.status != http.StatusOK {
			t.Errorf("preflight of %s: status %d", path, r.status)
		}
		allowed := strings.ToLower(r.header.Get("Access-Control-Allow-Headers"))
		for _, header := range []string{"content-type", "idempotency-key", "x-request-id"} {
			if !strings.Contains(allowed, header) {
				t.Errorf("preflight of %s does not allow the header %s: %q", path, header, allowed)
			}
		}
		if got := r.header.Get("Access-Control-Allow-Methods"); !strings.Contains(got, method) {
			t.Errorf("preflight of %s does not allow %s: %q", path, method, got)
		}
		if r := c.do(t, method, path, "", "Origin", origin); !allows(r, origin) {
			t.Errorf("%s %s: an error is kept from the page: %v", method, path, r.header)
		}
	}
	r := c.do(t, http.MethodGet, "/api/pull?chat="+newChat(), "", "Origin", origin)
	if !allows(r, origin) || !strings.Contains(r.header.Get("Access-Control-Expose-Headers"), "X-Request-ID") {
		t.Errorf("an answer is kept from the page: %v", r.header)
	}
}

// allows reports whether a browser shows the answer to a page of the origin.
func allows(r reply, origin string) bool {
	got := r.header.Get("Access-Control-Allow-Origin")
	return got == "*" || got == origin
}

func testHealth(t *testing.T, c *client) {
	if got := strings.TrimSpace(string(c.do(t, http.MethodGet, "/ping", "").body)); got != `{"message":"pong"}` {
		t.Errorf("ping = %s", got)
	}
	for _, path := range []string{"/ping", "/healthz", "/readyz"} {
		for _, method := range []string{http.MethodGet, http.MethodHead} {
			if r := c.do(t, method, path, ""); r.status != http.StatusOK {
				t.Errorf("%s %s = %d %s; want 200", method, path, r.status, r.body)
			}
		}
	}
}
