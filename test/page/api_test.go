package page

import (
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// message is a message as the API answers it.
type message struct {
	Text   string `json:"text"`
	Sender string `json:"sender"`
}

// post sends a message through the API.
func (w world) post(t *testing.T, chat, sender, text string) {
	t.Helper()
	body := toJSON(map[string]string{"chat": chat, "sender": sender, "text": text})
	resp, err := http.Post(w.url+"/api/send", "application/json", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	decode(t, resp, &message{})
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
