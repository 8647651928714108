package test

import (
	"math"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// texts returns the texts of a page, joined.
func (p page) texts() string {
	var b strings.Builder
	for _, m := range p.Messages {
		b.WriteString(m.Text)
	}
	return b.String()
}

// A walk by next_cursor alone meets each message once, in both directions, and
// has_more is exact, at whatever page size.
func testPages(t *testing.T, c *client) {
	chat := newChat()
	sent := c.sendAll(t, chat, 12)
	newestFirst := slices.Clone(sent)
	slices.Reverse(newestFirst)
	for limit := 1; limit <= 13; limit++ {
		for _, tc := range []struct {
			reverse bool
			want    []message
			end     int64 // next_cursor of the last page
		}{
			{false, sent, sent[11].SendTime + 1},
			{true, newestFirst, sent[0].SendTime - 1},
		} {
			var cursor int64
			for rest := tc.want; len(rest) > 0; {
				p := c.pull(t, "chat", chat, "limit", limit, "cursor", cursor, "reverse", tc.reverse)
				n := min(limit, len(rest))
				next := tc.end
				if n < len(rest) {
					next = rest[n].SendTime
				}
				want := page{rest[:n], n < len(rest), next}
				if !reflect.DeepEqual(p, want) {
					t.Fatalf("reverse %v, limit %d, cursor %d: page = %+v; want %+v", tc.reverse, limit, cursor, p, want)
				}
				rest, cursor = rest[n:], next
			}
		}
	}
}

// A cursor is inclusive, need not be a message's time, and comes back from an
// empty page.
func testCursors(t *testing.T, c *client) {
	chat := newChat()
	sent := c.sendAll(t, chat, 4)
	second := sent[1].SendTime
	for name, tc := range map[string]struct {
		cursor  int64
		reverse bool
		want    string
		next    int64
	}{
		"at a message":             {second, false, "123", sent[3].SendTime + 1},
		"at a message, reverse":    {second, true, "10", sent[0].SendTime - 1},
		"after one":                {second + 1, false, "23", sent[3].SendTime + 1},
		"before one, reverse":      {second - 1, true, "0", sent[0].SendTime - 1},
		"the beginning":            {0, false, "0123", sent[3].SendTime + 1},
		"the end, reverse":         {0, true, "3210", sent[0].SendTime - 1},
		"after all":                {sent[3].SendTime + 1, false, "", sent[3].SendTime + 1},
		"before all, reverse":      {sent[0].SendTime - 1, true, "", sent[0].SendTime - 1},
		"after all, reverse":       {math.MaxInt64, true, "3210", sent[0].SendTime - 1},
		"the last cursor there is": {math.MaxInt64, false, "", math.MaxInt64},
		"the first there is":       {1, true, "", 1},
	} {
		p := c.pull(t, "chat", chat, "cursor", tc.cursor, "reverse", tc.reverse)
		if p.texts() != tc.want || p.HasMore || p.NextCursor != tc.next {
			t.Errorf("%s: page = %+v; want %q, no more, next_cursor %d", name, p, tc.want, tc.next)
		}
	}
	for _, reverse := range []bool{false, true} {
		r := c.do(t, http.MethodGet, "/api/pull?"+query("chat", newChat(), "reverse", reverse), "")
		if got := strings.TrimSpace(string(r.body)); got != `{"messages":[],"has_more":false,"next_cursor":0}` {
			t.Errorf("a chat without messages = %s; want a list that is empty, not null", got)
		}
	}
}

// A client that loops on next_cursor alone follows a chat for ever.
func testFollowing(t *testing.T, c *client) {
	chat := newChat()
	doe, john, _ := strings.Cut(chat, ":")
	var cursor int64
	for round := range 20 {
		for i := range round % 4 {
			text := strings.Repeat("x", i+1)
			sent := c.send(t, chat, []string{doe, john}[i%2], text)
			p := c.pull(t, "chat", chat, "cursor", cursor, "limit", 2)
			if len(p.Messages) != 1 || p.Messages[0].SendTime != sent || p.Messages[0].Text != text || p.HasMore {
				t.Fatalf("page = %+v; want the one message of %d", p, sent)
			}
			cursor = p.NextCursor
		}
		if p := c.pull(t, "chat", chat, "cursor", cursor); len(p.Messages) != 0 || p.NextCursor != cursor {
			t.Fatalf("page = %+v; want none, and the cursor %d", p, cursor)
		}
	}
}

// limit 0 or absent is 10, and what is above 1,000 is 1,000.
func testLimits(t *testing.T, c *client) {
	chat := newChat()
	c.sendConcurrently(t, chat, 1_001)
	for name, tc := range map[string]struct {
		query string
		want  int
	}{
		"absent":         {"", 10},
		"0":              {"&limit=0", 10},
		"1":              {"&limit=1", 1},
		"999":            {"&limit=999", 999},
		"1000":           {"&limit=1000", 1_000},
		"1001":           {"&limit=1001", 1_000},
		"the largest":    {"&limit=2147483647", 1_000},
		"beyond 32 bits": {"&limit=2147483648", 1_000},
		"beyond 64 bits": {"&limit=9223372036854775808", 1_000},
	} {
		for _, reverse := range []string{"", "&reverse=true"} {
			p := c.do(t, http.MethodGet, "/api/pull?chat="+chat+tc.query+reverse, "").page(t)
			if len(p.Messages) != tc.want || !p.HasMore {
				t.Errorf("%s%s: %d messages, has_more %v; want %d, true", name, reverse, len(p.Messages), p.HasMore, tc.want)
			}
			wantInOrder(t, p, reverse != "")
		}
	}
}

// wantInOrder checks that send_time goes one way through a page and on to the next.
func wantInOrder(t *testing.T, p page, reverse bool) {
	t.Helper()
	times := []int64{}
	for _, m := range p.Messages {
		times = append(times, m.SendTime)
	}
	times = append(times, p.NextCursor)
	if reverse {
		slices.Reverse(times)
	}
	for i := 1; i < len(times); i++ {
		if times[i-1] >= times[i] {
			t.Fatalf("send_time %d before %d", times[i-1], times[i])
		}
	}
}

// A page ends before its texts pass 1 MiB: 64 of the longest fill it exactly.
func testPageBytes(t *testing.T, c *client) {
	chat := newChat()
	doe, _, _ := strings.Cut(chat, ":")
	const perPage, extra = 64, 3
	times := make([]int64, perPage+extra)
	for i := range times {
		times[i] = c.send(t, chat, doe, strings.Repeat("x", 16_384))
	}
	p := c.pull(t, "chat", chat, "limit", 1_000)
	if len(p.Messages) != perPage || !p.HasMore || p.NextCursor != times[perPage] {
		t.Errorf("%d messages, has_more %v, next_cursor %d; want %d, true, %d",
			len(p.Messages), p.HasMore, p.NextCursor, perPage, times[perPage])
	}
	p = c.pull(t, "chat", chat, "limit", 1_000, "cursor", p.NextCursor)
	if len(p.Messages) != extra || p.HasMore || p.NextCursor != times[perPage+extra-1]+1 {
		t.Errorf("the second page: %d messages, has_more %v; want %d, false", len(p.Messages), p.HasMore, extra)
	}
	p = c.pull(t, "chat", chat, "limit", 1_000, "reverse", true)
	if len(p.Messages) != perPage || !p.HasMore || p.NextCursor != times[extra-1] {
		t.Errorf("reverse: %d messages, has_more %v, next_cursor %d; want %d, true, %d",
			len(p.Messages), p.HasMore, p.NextCursor, perPage, times[extra-1])
	}
}
