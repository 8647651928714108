package bench

import (
	"fmt"
	"time"

	"example.com/im/test/bench/load"
	"example.com/im/test/bench/report"
)

// syncCursor returns the cursor of syncs of what has not been sent yet.
func (w *world) syncCursor(sys *system) string {
	w.Helper()
	client := load.NewClient(sys.url)
	defer client.Close()
	var inbox struct {
		SyncCursor string `json:"sync_cursor"`
	}
	w.ask(client, load.Inbox(syncer, 1), &inbox)
	return inbox.SyncCursor
}

// membersWait measures what members cost who wait by sync while nothing comes.
func (w *world) membersWait(s *report.Section, sys *system) {
	w.Helper()
	cursor := w.syncCursor(sys)
	request := load.Get(func(n uint64) string {
		return fmt.Sprintf("/api/sync?member=w%d&wait_ms=%d&cursor=%s", n, waitMS, cursor)
	})
	name := fmt.Sprintf("%d members wait", w.scale.waiting)
	w.whileHeld(s, sys, name, request, func(length time.Duration) {
		s.Put(name, "database reads a second", w.reads(func() { w.pause(length) })/length.Seconds())
		w.putMemory(s, name, sys)
	})
}
