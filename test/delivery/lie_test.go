package delivery_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"strings"
)

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

// An object is a JSON object.
type object = map[string]any

// on is a lie about the answers of a path that are no errors.
func on(path string, tell func(r *http.Request, p object, may func() bool)) lie {
	return func(r *http.Request, forward func() *answer, may func() bool) *answer {
		if !strings.HasSuffix(r.URL.Path, path) {
			return nil
		}
		return change(forward(), func(p object) { tell(r, p, may) })
	}
}

// change changes an answer that is no error.
func change(a *answer, tell func(p object)) *answer {
	if a.status != http.StatusOK {
		return a
	}
	p := decode(a.body)
	tell(p)
	a.body, _ = json.Marshal(p)
	return a
}

// decode returns an object; nil: it is none.
func decode(body []byte) (o object) {
	_ = json.Unmarshal(body, &o)
	return o
}

// list returns a list in an object, or nil.
func list(o object, field string) []any {
	l, _ := o[field].([]any)
	return l
}

// request returns what a request has as its body, and leaves it there.
func request(r *http.Request) object {
	body, _ := io.ReadAll(r.Body)
	r.Body = io.NopCloser(bytes.NewReader(body))
	return decode(body)
}
