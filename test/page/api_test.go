package page

import (
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
)

// message is a message as the API answers it.
type message struct {
	Text   string `json:"text"`
	Sender string `json:"sender"`
}

// post sends a message through the API, and returns its send_time.
func (w world) post(t *testing.T, chat, sender, text string) int64 {
	t.Helper()
	return w.change(t, "/api/send", map[string]any{"chat": chat, "sender": sender, "text": text})
}

// group adds members to a group, which it makes if need be, and removes others.
func (w world) group(t *testing.T, chat, by string, add, remove []string) {
	t.Helper()
	w.change(t, "/api/members", map[string]any{"chat": chat, "by": by, "add": add, "remove": remove})
}

// read marks all that is in a chat as read by a member.
func (w world) read(t *testing.T, chat, member string) {
	t.Helper()
	w.change(t, "/api/read", map[string]any{"chat": chat, "member": member, "send_time": time.Now().UnixMicro()})
}

// change makes a call that changes something, and returns the send_time of its answer.
func (w world) change(t *testing.T, path string, what map[string]any) int64 {
	t.Helper()
	resp, err := http.Post(w.url+path, "application/json", strings.NewReader(toJSON(what)))
	if err != nil {
		t.Fatal(err)
	}
	var answer struct {
		SendTime int64 `json:"send_time"`
	}
	decode(t, resp, &answer)
	return answer.SendTime
}

// stored returns the messages of a chat, up to a thousand.
func (w world) stored(t *testing.T, chat string) []message {
	t.Helper()
	resp, err := http.Get(w.url + "/api/pull?limit=1000&chat=" + url.QueryEscape(chat))
	if err != nil {
		t.Fatal(err)
	}
	var page struct {
		Messages []message `json:"messages"`
	}
	decode(t, resp, &page)
	return page.Messages
}

// decode reads an answer, which must be a success.
func decode(t *testing.T, resp *http.Response, v any) {
	t.Helper()
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(resp.Body)
	if err == nil && resp.StatusCode == http.StatusOK {
		err = json.Unmarshal(body, v)
	}
	if err != nil || resp.StatusCode != http.StatusOK {
		t.Fatalf("answer = %d %s, %v", resp.StatusCode, body, err)
	}
}
