package im

import (
	"errors"
	"log/slog"
	"math"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"

	"example.com/im/idl/chat"
	"example.com/im/idl/gen/im"
	"example.com/im/rpc-server/store"
)

// A cursor leads back to its place, and fits into a URL as it is.
func TestCursor(t *testing.T) {
	t.Parallel()
	for _, place := range []store.Place{
		{SendTime: 1, Chat: "a:b"},
		{SendTime: math.MaxInt64, Chat: "doe:john"},
		{SendTime: 1795503862320344, Chat: chat.Name(strings.Repeat("é", 64) + ":" + strings.Repeat("ü", 64))},
		{SendTime: 0x7fbfffefffffbfff, Chat: "~:~~"},
	} {
		cursor := formatCursor(place)
		if got, err := parseCursor(cursor); err != nil || got != place {
			t.Errorf("%v becomes %q, and that %v, %v", place, cursor, got, err)
		}
		if strings.ContainsFunc(cursor, func(r rune) bool { return !strings.ContainsRune(urlSafe, r) }) {
			t.Errorf("%q is not safe in a URL", cursor)
		}
	}
	if got, err := parseCursor(""); err != nil || got != (store.Place{}) {
		t.Errorf("no cursor is %v, %v; want the zero place", got, err)
	}
}

const urlSafe = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"

// A call without its argument is refused, and so is one that comes during a stop.
func TestChatsRefusesAtOnce(t *testing.T) {
	t.Parallel()
	h := &handler{health: &health{}, metrics: newMetrics(prometheus.NewRegistry()), log: slog.New(slog.DiscardHandler)}
	if resp, err := h.Chats(t.Context(), nil); err != nil || resp.Code != im.Code_INVALID_ARGUMENT || resp.Msg != "req: must be given" {
		t.Errorf("without a request: %v, %v; want INVALID_ARGUMENT", resp, err)
	}
	h.health.drain()
	if resp, err := h.Chats(t.Context(), &im.ChatsRequest{Member: "a"}); err != nil || resp.Code != im.Code_UNAVAILABLE {
		t.Errorf("during a stop: %v, %v; want UNAVAILABLE", resp, err)
	}
}

// Every cursor that is accepted is one that the service could have given.
func FuzzCursor(f *testing.F) {
	f.Add("")
	f.Add(formatCursor(store.Place{SendTime: 1795503862320344, Chat: "doe:john"}))
	f.Add("AQAGYQjDmtGYYTpi=")
	f.Add("AQAGYQjD\nmtGYYTpi")
	f.Fuzz(func(t *testing.T, cursor string) {
		place, err := parseCursor(cursor)
		switch {
		case err != nil:
			if !errors.Is(err, errCursor) {
				t.Errorf("%q: %v", cursor, err)
			}
		case cursor != "" && formatCursor(place) != cursor:
			t.Errorf("%q is taken for %v, of which the cursor is %q", cursor, place, formatCursor(place))
		}
	})
}

// A cursor of sync leads back to its lanes, is short while few lanes have a time, and
// never longer than clients have to take.
func TestSyncCursor(t *testing.T) {
	t.Parallel()
	full := store.Lanes{}
	for id := range full {
		full[id] = 1<<56 - 1 - int64(id)
	}
	for _, tc := range []struct {
		lanes   store.Lanes
		longest int
	}{
		{store.Lanes{}, 20}, {store.Lanes{5: 1795503862320344}, 30}, {store.Lanes{63: 1}, 30}, {full, 615},
	} {
		cursor := formatLanes(tc.lanes)
		if got, err := parseLanes(cursor); err != nil || got != tc.lanes {
			t.Errorf("%v becomes %q, and that %v, %v", tc.lanes, cursor, got, err)
		}
		if len(cursor) > min(tc.longest, chat.MaxCursorBytes) || strings.ContainsFunc(cursor, func(r rune) bool { return !strings.ContainsRune(urlSafe, r) }) {
			t.Errorf("%q is longer than %d, or not safe in a URL", cursor, tc.longest)
		}
	}
	if got, err := parseLanes(""); err != nil || got != (store.Lanes{}) {
		t.Errorf("no cursor is %v, %v; want no times", got, err)
	}
	good := formatLanes(store.Lanes{5: 1795503862320344})
	for _, bad := range []string{
		"x", "AQAGYQjDmtGYYTpi", good[:len(good)-1], good + "A", "B" + good[1:], strings.Replace(good, good[14:15], "_", 1), formatMember("ann"),
	} {
		if _, err := parseLanes(bad); !errors.Is(err, errSyncCursor) {
			t.Errorf("%q: %v; want a refusal", bad, err)
		}
	}
}

// A cursor of members leads back to the name, and is no other name's.
func TestMembersCursor(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"", "a", "é", strings.Repeat("李", 64)} {
		cursor := ""
		if name != "" {
			cursor = formatMember(name)
		}
		if got, err := parseMember(cursor); err != nil || got != name {
			t.Errorf("%q becomes %q, and that %q, %v", name, cursor, got, err)
		}
	}
	for _, bad := range []string{"x", formatMember("Ann"), formatMember("a b"), formatMember("a") + "=", formatLanes(store.Lanes{})} {
		if _, err := parseMember(bad); !errors.Is(err, errCursor) {
			t.Errorf("%q: %v; want a refusal", bad, err)
		}
	}
}

// Every cursor of sync that is accepted is one that the service could have given.
func FuzzSyncCursor(f *testing.F) {
	f.Add("")
	f.Add(formatLanes(store.Lanes{5: 1795503862320344}))
	f.Fuzz(func(t *testing.T, cursor string) {
		lanes, err := parseLanes(cursor)
		switch {
		case err != nil:
			if !errors.Is(err, errSyncCursor) {
				t.Errorf("%q: %v", cursor, err)
			}
		case cursor != "" && formatLanes(lanes) != cursor:
			t.Errorf("%q is taken for %v, of which the cursor is %q", cursor, lanes, formatLanes(lanes))
		}
	})
}
