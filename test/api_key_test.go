package test

import (
	"bytes"
	"net/http"
	"strings"
	"testing"

	"golang.org/x/sync/errgroup"
)

const keyHeader = "Idempotency-Key"

// A send with a key is stored once. Each repetition gets the first answer (P4).
func testKeys(t *testing.T, c *client) {
	chat := newChat()
	doe, john, _ := strings.Cut(chat, ":")
	body := toJSON(map[string]string{"chat": chat, "sender": doe, "text": "x"})
	first := c.do(t, http.MethodPost, "/api/send", body, keyHeader, "key")
	at := first.sent(t).SendTime
	if first.header.Get("Idempotent-Replayed") != "" {
		t.Error("the first answer is marked as a repetition")
	}
	for name, again := range map[string]string{
		"the same":                 body,
		"another spelling of chat": toJSON(map[string]string{"chat": " " + strings.ToUpper(chat), "sender": doe + " ", "text": "x"}),
	} {
		r := c.do(t, http.MethodPost, "/api/send", again, keyHeader, "key")
		if !bytes.Equal(r.body, first.body) || r.header.Get("Idempotent-Replayed") != "true" {
			t.Errorf("%s: %s %v; want %s, marked as a repetition", name, r.body, r.header, first.body)
		}
	}
	for name, other := range map[string]map[string]string{
		"another text":   {"chat": chat, "sender": doe, "text": "y"},
		"another sender": {"chat": chat, "sender": john, "text": "x"},
	} {
		t.Run(name, func(t *testing.T) {
			r := c.do(t, http.MethodPost, "/api/send", toJSON(other), keyHeader, "key")
			r.wantError(t, http.StatusUnprocessableEntity, "key_reused", keyHeader)
		})
	}
	if p := c.pull(t, "chat", chat); len(p.Messages) != 1 || p.Messages[0].SendTime != at {
		t.Errorf("the chat has %+v; want the one message of %d", p.Messages, at)
	}
	c.do(t, http.MethodPost, "/api/send", body, keyHeader, "another-key").sent(t)
	c.do(t, http.MethodPost, "/api/send", body).sent(t)
	if p := c.pull(t, "chat", chat); len(p.Messages) != 3 {
		t.Errorf("another key and none make %d messages of one; want 3", len(p.Messages))
	}
}

// 100 equal sends at once, through all gateways: one row, 100 equal answers.
func testEqualKeysAtOnce(t *testing.T, c *client) {
	chat := newChat()
	sender, _, _ := strings.Cut(chat, ":")
	body := toJSON(map[string]string{"chat": chat, "sender": sender, "text": "x"})
	replies := make([]reply, 100)
	var g errgroup.Group
	for i := range replies {
		g.Go(func() (err error) {
			replies[i], err = c.call(t.Context(), http.MethodPost, "/api/send", body, keyHeader, "key")
			return err
		})
	}
	if err := g.Wait(); err != nil {
		t.Fatal(err)
	}
	fresh := 0
	for _, r := range replies {
		r.sent(t)
		if !bytes.Equal(r.body, replies[0].body) {
			t.Errorf("answers differ: %s and %s", r.body, replies[0].body)
		}
		if r.header.Get("Idempotent-Replayed") == "" {
			fresh++
		}
	}
	if p := c.pull(t, "chat", chat); len(p.Messages) != 1 || fresh != 1 {
		t.Errorf("%d messages, %d answers that are no repetition; want 1 and 1", len(p.Messages), fresh)
	}
}

func testKeysRefused(t *testing.T, c *client) {
	chat := newChat()
	sender, _, _ := strings.Cut(chat, ":")
	body := toJSON(map[string]string{"chat": chat, "sender": sender, "text": "x"})
	for name, key := range map[string]string{
		"empty": "", "too long": strings.Repeat("k", 129), "a blank": "a b", "not ASCII": "é",
	} {
		t.Run(name, func(t *testing.T) {
			r := c.do(t, http.MethodPost, "/api/send", body, keyHeader, key)
			r.wantError(t, http.StatusBadRequest, "invalid_argument", keyHeader)
		})
	}
	c.do(t, http.MethodPost, "/api/send", body, keyHeader, strings.Repeat("k", 128)).sent(t)
	if p := c.pull(t, "chat", chat); len(p.Messages) != 1 {
		t.Errorf("the chat has %+v; want one message", p.Messages)
	}
}
