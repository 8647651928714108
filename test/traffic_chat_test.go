package test

import (
	"fmt"
	"net/http"
	"reflect"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// chatTraffic is the traffic of one chat.
type chatTraffic struct {
	chat         string
	sends, reads atomic.Int64 // messages acknowledged, and of these read

	mu           sync.Mutex
	acknowledged map[string]int64 // text → send_time
	unknown      map[string]bool  // texts of which it is not known whether they are stored
	failures     []string

	messages []message // in the order in which they were read; of the reader alone
}

// sendOnce sends a message and reports whether that is settled: one that was
// refused may be sent again.
func (ct *chatTraffic) sendOnce(t *testing.T, post poster, text string) bool {
	sender, _, _ := strings.Cut(ct.chat, ":")
	r, err := post(t.Context(), ct.chat, sender, text)
	ct.mu.Lock()
	defer ct.mu.Unlock()
	if err == nil && r.status == http.StatusOK {
		var m message
		if err := strictly(r.body, &m); err != nil {
			t.Errorf("send: %v: %s", err, r.body)
		}
		ct.acknowledged[text] = m.SendTime
		ct.sends.Add(1)
		return true
	}
	ct.failures = append(ct.failures, failure("send", r, err))
	if r.status == http.StatusServiceUnavailable {
		return false
	}
	if err == nil && r.status != http.StatusGatewayTimeout {
		t.Errorf("send: %d %s", r.status, r.body)
	}
	ct.unknown[text] = true
	return true
}

func (ct *chatTraffic) failed(text string) {
	ct.mu.Lock()
	defer ct.mu.Unlock()
	ct.failures = append(ct.failures, text)
}

func failure(call string, r reply, err error) string {
	return fmt.Sprintf("%s %s: %d %s %v", time.Now().Format("15:04:05.000"), call, r.status, r.body, err)
}

// check checks that the reader has met each acknowledged message once, in order,
// and nothing that was not sent.
func (ct *chatTraffic) check(t *testing.T) {
	t.Helper()
	read := map[string]int64{}
	before := int64(0)
	for _, m := range ct.messages {
		if m.SendTime <= before {
			t.Errorf("%s: read %d after %d", ct.chat, m.SendTime, before)
		}
		before = m.SendTime
		if _, twice := read[m.Text]; twice {
			t.Errorf("%s: read twice: %+v", ct.chat, m)
		}
		read[m.Text] = m.SendTime
		if sent, ok := ct.acknowledged[m.Text]; ok && sent != m.SendTime || !ok && !ct.unknown[m.Text] {
			t.Errorf("%s: read %+v, acknowledged at %d", ct.chat, m, sent)
		}
	}
	for text, sent := range ct.acknowledged {
		if _, ok := read[text]; !ok {
			t.Errorf("%s: never read: %q, acknowledged at %d", ct.chat, text, sent)
		}
	}
}

// checkAgain checks that a second reader meets what the first has met: nothing
// has come to lie between. A message of which nothing was known may still have
// come after.
func (ct *chatTraffic) checkAgain(t *testing.T, c *client) {
	t.Helper()
	var again []message
	for p := (page{HasMore: true}); p.HasMore; {
		p = c.pull(t, "chat", ct.chat, "cursor", p.NextCursor, "limit", 1_000)
		again = append(again, p.Messages...)
	}
	if n := len(ct.messages); len(again) < n || !reflect.DeepEqual(again[:n], ct.messages) {
		t.Errorf("%s: %d messages followed, and others among %d read later", ct.chat, n, len(again))
	}
}
