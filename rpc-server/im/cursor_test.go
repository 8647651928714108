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
