package client_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"example.com/im/idl/client"
	"example.com/im/test/stack/stacktest"
)

// hangUp ends a connection without an answer.
func hangUp(http.ResponseWriter) bool { panic(http.ErrAbortHandler) }

// answer returns a function that answers with status, and with what a service says
// that may be asked again at once.
func answer(status int, body string) func(http.ResponseWriter) bool {
	return func(w http.ResponseWriter) bool {
		w.WriteHeader(status)
		_, _ = w.Write([]byte(body))
		return false
	}
}

// texts reads a chat from its beginning.
func texts(t *testing.T, service, chat string) (all []string) {
	t.Helper()
	page, err := (&client.Client{URL: service}).Pull(t.Context(), client.Query{Chat: chat, Limit: 1000})
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range page.Messages {
		all = append(all, m.Text)
	}
	return all
}

// A send is stored once, whatever becomes of its answers.
func TestSendIsStoredOnce(t *testing.T) {
	t.Parallel()
	service := stacktest.URL(t)
	for name, fault := range map[string]func(http.ResponseWriter) bool{
		"hung up":     hangUp,
		"unavailable": answer(503, `{"error": {"code": "unavailable", "message": "", "request_id": ""}}`),
		"timeout":     answer(504, `{"error": {"code": "timeout", "message": "", "request_id": ""}}`),
		"a proxy's":   answer(502, "<html>Bad Gateway"),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			twice := func(n int32, w http.ResponseWriter) bool { return n > 2 || fault(w) }
			for stage, n := range map[string]*network{"before": startNetwork(t, service, twice, pass), "after": startNetwork(t, service, pass, twice)} {
				chat := fmt.Sprintf("%s-%s:once", stage, strings.NewReplacer(" ", "-", "'", "").Replace(name))
				c := client.Client{URL: n.url + "/"}
				sent, err := c.Send(t.Context(), client.Message{Chat: strings.ToUpper(chat), Sender: "once", Text: "x"})
				if err != nil || sent.SendTime == 0 || sent.Key == "" {
					t.Errorf("%s: Send = %+v, %v", stage, sent, err)
				}
				if got := texts(t, service, chat); len(got) != 1 || n.requests.Load() < 3 {
					t.Errorf("%s: stored %q after %d requests; want it once, after 3", stage, got, n.requests.Load())
				}
			}
		})
	}
}

// What the service refuses for good is not repeated.
func TestRefusals(t *testing.T) {
	t.Parallel()
	service := stacktest.URL(t)
	n := startNetwork(t, service, pass, pass)
	c := client.Client{URL: n.url}
	_, err := c.Send(t.Context(), client.Message{Chat: "a:b:c", Sender: "a", Text: "x"})
	refused, ok := errors.AsType[*client.Error](err)
	if !ok || refused.Status != 400 || refused.Code != "invalid_argument" || refused.RequestID == "" ||
		!strings.Contains(err.Error(), "chat: must be written") {
		t.Errorf("Send to no chat: %v", err)
	}
	first := client.Message{Chat: "reuse:test", Sender: "test", Text: "one", Key: "k"}
	if _, err := c.Send(t.Context(), first); err != nil {
		t.Fatal(err)
	}
	first.Text = "two"
	if _, err := c.Send(t.Context(), first); err == nil || !strings.Contains(err.Error(), "key_reused") {
		t.Errorf("Send with a key that is used: %v", err)
	}
	if _, err := c.Pull(t.Context(), client.Query{Chat: "a:b", Cursor: -1}); err == nil {
		t.Error("Pull from a cursor that is none succeeds")
	}
	followed := 0
	for _, err := range c.Follow(t.Context(), "none", 0) {
		if followed++; err == nil || followed > 1 {
			t.Errorf("Follow of no chat: %v", err)
		}
	}
	if got := n.requests.Load(); got != 5 || followed != 1 {
		t.Errorf("%d requests, %d pairs; want 5, and 1", got, followed)
	}
	for what, body := range map[string]string{"no JSON": "<html>", "another type": `{"messages": 1}`} {
		c := client.Client{URL: startNetwork(t, service, func(_ int32, w http.ResponseWriter) bool { return answer(200, body)(w) }, pass).url}
		if _, err := c.Pull(t.Context(), client.Query{Chat: "a:b"}); err == nil || !strings.Contains(err.Error(), "not of this API") {
			t.Errorf("%s: %v", what, err)
		}
	}
	if _, err := (&client.Client{URL: "no URL\x00"}).Pull(t.Context(), client.Query{Chat: "a:b"}); err == nil {
		t.Error("Pull from nowhere succeeds")
	}
}

// The end of ctx ends the attempts, with the reason of the last failure.
func TestContextEnds(t *testing.T) {
	t.Parallel()
	service := stacktest.URL(t)
	c := client.Client{URL: startNetwork(t, service, func(_ int32, w http.ResponseWriter) bool { return answer(503, "away")(w) }, pass).url}
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
	defer cancel()
	_, err := c.Send(ctx, client.Message{Chat: "ctx:test", Sender: "test", Text: "x"})
	refused, ok := errors.AsType[*client.Error](err)
	if !errors.Is(err, context.DeadlineExceeded) || !ok || refused.Message != "away" {
		t.Errorf("Send = %v; want the deadline, and the last refusal", err)
	}
}

// A reader learns of each message once, in order, over faults of the network.
func TestFollow(t *testing.T) {
	t.Parallel()
	service := stacktest.URL(t)
	faults := []func(http.ResponseWriter) bool{hangUp, answer(503, ""), answer(504, "")}
	everyOther := func(n int32, w http.ResponseWriter) bool { return n%2 == 0 || faults[int(n/2)%len(faults)](w) }
	reader := client.Client{URL: startNetwork(t, service, everyOther, everyOther).url}
	writer := client.Client{URL: service}
	const messages = 250
	go func() {
		for i := range messages {
			if _, err := writer.Send(t.Context(), client.Message{Chat: "follow:test", Sender: "test", Text: fmt.Sprint(i)}); err != nil {
				t.Errorf("Send %d: %v", i, err)
			}
		}
	}()
	next := 0
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	for m, err := range reader.Follow(ctx, "follow:test", 0) {
		if err != nil || m.Text != fmt.Sprint(next) {
			t.Fatalf("message %d = %+v, %v", next, m, err)
		}
		if next++; next == messages {
			break
		}
	}
}

// Two people talk: each message arrives as it was sent, and an answer to it in the loop
// that reads.
func TestConversation(t *testing.T) {
	t.Parallel()
	c := client.Client{URL: stacktest.URL(t)}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	send := func(sender, text string) {
		t.Helper()
		sent, err := c.Send(ctx, client.Message{Chat: "Doe:John", Sender: sender, Text: text})
		if err != nil || sent.Chat != "doe:john" || sent.SendTime <= 0 {
			t.Fatalf("Send = %+v, %v", sent, err)
		}
	}
	send("John", "Are you there?")
	send("John", "Hello?")
	want := []string{"John: Are you there?", "John: Hello?", "Doe: Here I am."}
	for m, err := range c.Follow(ctx, "john:doe", 0) {
		if err != nil || fmt.Sprintf("%s: %s", m.Sender, m.Text) != want[0] {
			t.Fatalf("message = %+v, %v; want %s", m, err, want[0])
		}
		if want = want[1:]; len(want) == 0 {
			break
		}
		if m.Text == "Hello?" {
			send("Doe", "Here I am.")
		}
	}
	_, err := c.Send(ctx, client.Message{Chat: "doe:john", Sender: "Eve", Text: "Hi"})
	refused, ok := errors.AsType[*client.Error](err)
	if !ok || refused.Status != 400 || refused.Code != "invalid_argument" || refused.Message != "sender: must be one of the chat's two members" {
		t.Errorf("Send by a stranger: %v", err)
	}
}
