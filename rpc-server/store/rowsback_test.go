package store_test

import (
	"testing"
	"time"

	"example.com/im/idl/chat"
	"example.com/im/rpc-server/store"
	"example.com/im/rpc-server/store/storetest"
)

// A row that another instance has moved does not go back, or that instance would remember
// it as newer than it is, and would not move it in time. A sync between would miss a message,
// and an inbox would sort a chat among older ones.
func TestRowsDoNotGoBack(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, open func() *store.Store) {
		behind, ahead := open(), open()
		const busy, other = "a:b", "a:c" // whose lanes have clocks of their own
		if chat.Name(busy).Lane() == chat.Name(other).Lane() {
			t.Fatal("the chats are in one lane")
		}
		start := time.Unix(1_800_000_000, 0)
		at := func(st *store.Store, after time.Duration, names ...string) {
			t.Helper()
			var sends []*store.Send
			for _, name := range names {
				sends = append(sends, message(name, "x"))
			}
			if err := st.Commit(sends, func() time.Time { return start.Add(after) }); err != nil {
				t.Fatal(err)
			}
		}
		at(behind, 0, busy, other)
		at(ahead, 85*time.Second, busy)         // which it remembers
		at(behind, 61*time.Second, busy, other) // together, by times of which the lesser is before that
		after := store.Lanes{}
		for _, later := range []time.Duration{130 * time.Second, 144 * time.Second} { // less than a minute after it has moved the rows
			if page, err := behind.Sync(t.Context(), store.SyncQuery{Member: "b", After: after, Limit: 10}); err != nil {
				t.Fatal(err)
			} else {
				after = page.Next
			}
			at(ahead, later, busy)
			page, err := behind.Sync(t.Context(), store.SyncQuery{Member: "b", After: after, Limit: 10})
			if err != nil || len(page.Messages) != 1 {
				t.Errorf("after %v: %d messages, %v; want 1", later, len(page.Messages), err)
			}
		}
	})
}
