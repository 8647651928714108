package im

import (
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"example.com/im/rpc-server/store"
	"example.com/im/rpc-server/store/storetest"
)

// A database that does not answer says nothing about the clock: the latest comparison
// stays valid.
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

// On a full disk no send can succeed, though the database answers. The instance says
// so, goes on trying, and is ready again by itself.
func TestNotReadyOnFullDisk(t *testing.T) {
	t.Parallel()
	disk := storetest.SmallDisk(t, 4)
	st, err := store.Open(t.Context(), storetest.SQLiteFile(disk.Path("im.db")), storetest.Config())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = st.Close() })
	h := newHealth(st, time.Now, slog.New(slog.DiscardHandler))
	commit := func() {
		m := &store.Send{Message: store.Message{Chat: "a:b", Sender: "a", Text: strings.Repeat("x", 9000)}}
		h.committed(st.Commit([]*store.Send{m}, time.Now))
	}
	commit()
	disk.Fill(t, 0)
	h.check(t.Context())
	if err := h.problem(); err != nil {
		t.Errorf("before a send is refused: %v", err)
	}
	commit()
	for range 2 {
		h.check(t.Context())
		if err := h.problem(); !errors.Is(err, store.ErrDiskFull) {
			t.Errorf("problem = %v; want ErrDiskFull", err)
		}
		if err := h.refusesSends(); err != nil {
			t.Errorf("refusesSends = %v", err)
		}
	}
	disk.Empty(t)
	h.check(t.Context())
	if err := h.problem(); err != nil {
		t.Errorf("with space again: %v", err)
	}
}
