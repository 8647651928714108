package sequencer_test

import (
	"bytes"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"example.com/im/rpc-server/sequencer"
	"example.com/im/rpc-server/store"
	"example.com/im/rpc-server/store/storetest"
)

// The log has the reason why sends are refused once for each time that the disk is
// full, however long that lasts.
func TestFullDiskIsToldOnce(t *testing.T) {
	t.Parallel()
	disk := storetest.SmallDisk(t, 4)
	st, err := store.Open(t.Context(), storetest.SQLiteFile(disk.Path("im.db")), storetest.Config())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = st.Close() })
	var log bytes.Buffer // the sequencer writes to it before it answers a send
	s := run(t, st, sequencer.Config{Settings: settings, Log: slog.New(slog.NewTextHandler(&log, nil))})
	text := strings.Repeat("x", 9000)
	const limit = time.Second // of lines that differ: one in this time
	for outage := range 2 {
		if err := s.Send(t.Context(), message("a:b", text)); err != nil {
			t.Fatal(err)
		}
		disk.Fill(t, 0)
		refused := 0
		for begin := time.Now(); time.Since(begin) < 2*limit; refused++ {
			if err := s.Send(t.Context(), message("a:b", text)); !errors.Is(err, store.ErrUnavailable) {
				t.Fatalf("Send = %v; want ErrUnavailable", err)
			}
		}
		if got := strings.Count(log.String(), "the database's disk is full"); got != outage+1 {
			t.Errorf("outage %d, %d sends refused: %d lines:\n%s", outage, refused, got, log.String())
		}
		disk.Empty(t)
	}
}
