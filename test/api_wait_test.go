package test

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"
)

// patience is the time within which a waiting reader has its answer on a busy machine:
// less than it waits.
const patience = 20 * time.Second

// waitMs is a wait, in ms, that no test waits out. It ends before the client gives up.
const waitMs = 25_000

// A waiting reader gets the next message at once, through whatever gateway. A message
// that is there comes without waiting.
func testWaiting(t *testing.T, c *client) {
	chat := newChat()
	doe, _, _ := strings.Cut(chat, ":")
	var cursor int64
	for i := range 10 {
		text, begin := fmt.Sprint(i), time.Now()
		got := make(chan reply, 1)
		path := []string{"/api/pull", "/api/pull/messages"}[i%2]
		go func() {
			r, err := c.call(t.Context(), http.MethodGet, path+"?"+query("chat", chat, "cursor", cursor, "wait_ms", waitMs), "")
			if err != nil {
				t.Error(err)
			}
			got <- r
		}()
		if i > 5 {
			time.Sleep(time.Duration(i) * 20 * time.Millisecond) // it waits, most likely
		}
		sent := c.send(t, chat, doe, text)
		r := <-got
		p := r.page(t)
		if p.texts() != text || p.Messages[0].SendTime != sent || p.HasMore || p.NextCursor != sent+1 {
			t.Errorf("page = %+v; want %q at %d", p, text, sent)
		}
		if took := time.Since(begin); took > patience {
			t.Errorf("a reader that waits has its message after %v", took)
		}
		cursor = p.NextCursor
	}
	begin := time.Now()
	if p := c.pull(t, "chat", chat, "wait_ms", waitMs, "limit", 3); p.texts() != "012" || !p.HasMore {
		t.Errorf("page = %+v; want what is there", p)
	}
	if took := time.Since(begin); took > patience {
		t.Errorf("a page that is there takes %v", took)
	}
}

// The system holds an empty page as long as the reader asked for, in whatever way it
// asked. The page gives back its cursor.
func testWaitInVain(t *testing.T, c *client) {
	chat := newChat()
	end := c.send(t, chat, strings.Split(chat, ":")[0], "x") + 1
	for name, tc := range map[string]struct {
		method, query, body string
		least               time.Duration
	}{
		"not asked for": {"GET", query("chat", chat, "cursor", end), "", 0},
		"0":             {"GET", query("chat", chat, "cursor", end, "wait_ms", 0), "", 0},
		"0 in reverse":  {"GET", query("chat", newChat(), "cursor", end, "wait_ms", 0, "reverse", true), "", 0},
		"query":         {"GET", query("chat", chat, "cursor", end, "wait_ms", 700), "", 700 * time.Millisecond},
		"body":          {"GET", "", toJSON(map[string]any{"chat": chat, "cursor": end, "wait_ms": 700}), 700 * time.Millisecond},
		"quoted":        {"GET", "", toJSON(map[string]any{"chat": chat, "cursor": fmt.Sprint(end), "wait_ms": "700"}), 700 * time.Millisecond},
		"HEAD":          {"HEAD", query("chat", chat, "cursor", end, "wait_ms", 700), "", 700 * time.Millisecond},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			begin := time.Now()
			r := c.do(t, tc.method, "/api/pull?"+tc.query, tc.body)
			if took := time.Since(begin); took < tc.least || took > tc.least+patience {
				t.Errorf("answered after %v; want at least %v", took, tc.least)
			}
			want := fmt.Sprintf(`{"messages":[],"has_more":false,"next_cursor":%d}`, end)
			if got := strings.TrimSpace(string(r.body)); r.status != http.StatusOK || got != want && tc.method != "HEAD" {
				t.Errorf("%d %s; want %s", r.status, got, want)
			}
		})
	}
}

// A client that loops on next_cursor with waits gets every message once and in order,
// at whatever pace they are sent.
func testFollowingByWaits(t *testing.T, c *client) {
	const messages = 50
	chat := newChat()
	doe, _, _ := strings.Cut(chat, ":")
	var sender sync.WaitGroup
	defer sender.Wait()
	sender.Go(func() {
		for i := range messages {
			if r, err := c.post(t.Context(), chat, doe, fmt.Sprintf("%d;", i)); err != nil || r.status != http.StatusOK {
				t.Errorf("send: %d %s, %v", r.status, r.body, err)
			}
			time.Sleep(time.Duration(i%10*i%7) * time.Millisecond) // the pace
		}
	})
	var texts, want strings.Builder
	var cursor int64
	for end := time.Now().Add(6 * patience); strings.Count(texts.String(), ";") < messages && time.Now().Before(end); {
		p := c.pull(t, "chat", chat, "cursor", cursor, "wait_ms", 5_000)
		texts.WriteString(p.texts())
		cursor = p.NextCursor
	}
	for i := range messages {
		fmt.Fprintf(&want, "%d;", i)
	}
	if texts.String() != want.String() {
		t.Errorf("read %s; want %s", texts.String(), want.String())
	}
}
