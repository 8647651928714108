package delivery_test

import (
	"bytes"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
)

// A liar stands before a gateway and lies about one thing, once in a while.
type liar struct {
	gateway string
	about   lie
	chances atomic.Int64 // exchanges that could be lied about
}

// A lie changes an exchange. It gets the request, with a way to forward it that
// can be used more than once or not at all, and returns the answer, or nil for
// the truth. Where it has a chance to lie, it asks whether it may.
type lie func(r *http.Request, forward func() *answer, may func() bool) *answer

// An answer is what a gateway says.
type answer struct {
	status int
	header http.Header
	body   []byte
}

// every is how many chances pass between two lies.
const every = 10

func startLiar(t *testing.T, gateway string, about lie) string {
	t.Helper()
	s := httptest.NewServer(&liar{gateway: gateway, about: about})
	t.Cleanup(s.Close)
	return s.URL
}

// ServeHTTP passes a request on, or lies.
func (l *liar) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	forward := func() *answer { return l.forward(r, body) }
	r.Body = io.NopCloser(bytes.NewReader(body)) // for the lie
	a := l.about(r, forward, func() bool { return l.chances.Add(1)%every == 1 })
	if a == nil {
		a = forward()
	}
	maps.Copy(w.Header(), a.header)
	w.Header().Del("Content-Length")
	w.WriteHeader(a.status)
	_, _ = w.Write(a.body)
}

func (l *liar) forward(r *http.Request, body []byte) *answer {
	lost := &answer{status: http.StatusGatewayTimeout}
	req, err := http.NewRequestWithContext(r.Context(), r.Method, l.gateway+r.URL.String(), bytes.NewReader(body))
	if err != nil {
		return lost
	}
	req.Header = r.Header
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return lost
	}
	defer func() { _ = resp.Body.Close() }()
	content, err := io.ReadAll(resp.Body)
	if err != nil {
		return lost
	}
	return &answer{resp.StatusCode, resp.Header, content}
}

// onSend is a lie about sends.
func onSend(tell func(r *http.Request, forward func() *answer) *answer) lie {
	return func(r *http.Request, forward func() *answer, may func() bool) *answer {
		if !strings.HasSuffix(r.URL.Path, "/send") || !may() {
			return nil
		}
		return tell(r, forward)
	}
}

// onPage is a lie about pages that have at least two messages.
func onPage(reverse string, change func(p *pullReply)) lie {
	return func(r *http.Request, forward func() *answer, may func() bool) *answer {
		if !strings.HasSuffix(r.URL.Path, "/pull") || r.URL.Query().Get("reverse") != reverse {
			return nil
		}
		a := forward()
		var p pullReply
		if a.status != http.StatusOK || json.Unmarshal(a.body, &p) != nil || len(p.Messages) < 2 || !may() {
			return a
		}
		change(&p)
		a.body, _ = json.Marshal(p)
		return a
	}
}

// onInbox is a lie about inboxes that have at least two chats.
func onInbox(change func(p *inboxReply)) lie {
	return func(r *http.Request, forward func() *answer, may func() bool) *answer {
		if !strings.HasSuffix(r.URL.Path, "/chats") {
			return nil
		}
		a := forward()
		var p inboxReply
		if a.status != http.StatusOK || json.Unmarshal(a.body, &p) != nil || len(p.Chats) < 2 || !may() {
			return a
		}
		change(&p)
		a.body, _ = json.Marshal(p)
		return a
	}
}

// inboxReply is a page of an inbox.
type inboxReply struct {
	Chats      []map[string]any `json:"chats"`
	HasMore    bool             `json:"has_more"`
	NextCursor string           `json:"next_cursor"`
}

// pullReply is a page.
type pullReply struct {
	Messages   []map[string]any `json:"messages"`
	HasMore    bool             `json:"has_more"`
	NextCursor int64            `json:"next_cursor"`
}

// chatOf returns the chat that a send names.
func chatOf(r *http.Request) string {
	var m struct{ Chat string }
	_ = json.NewDecoder(r.Body).Decode(&m)
	return m.Chat
}
