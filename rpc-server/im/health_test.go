package im

import (
	"errors"
	"log/slog"
	"testing"
	"time"

	"example.com/im/rpc-server/store/storetest"
)

// A database that does not answer says nothing about the clock: what the latest
// comparison has found holds on.
func TestClockVerdictOutlivesTheDatabase(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		ahead time.Duration
		want  error
	}{"right": {0, nil}, "far ahead": {2 * time.Minute, errClockAhead}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			st := storetest.Open(t, storetest.SQLite(t))
			now := func() time.Time { return time.Now().Add(tc.ahead) }
			h := newHealth(st, now, slog.New(slog.DiscardHandler))
			if err := h.refusesSends(); !errors.Is(err, errNotChecked) {
				t.Errorf("before a check: %v; want errNotChecked", err)
			}
			h.check(t.Context())
			if err := st.Close(); err != nil {
				t.Fatal(err)
			}
			h.check(t.Context())
			if err := h.refusesSends(); !errors.Is(err, tc.want) {
				t.Errorf("refusesSends = %v; want %v", err, tc.want)
			}
			if h.problem() == nil {
				t.Error("an instance without its database is ready")
			}
		})
	}
}
