package store_test

import (
	"fmt"
	"testing"
	"time"

	"example.com/im/rpc-server/store"
	"example.com/im/rpc-server/store/storetest"
)

// An inbox costs one search in the index for each chat of its member, however many
// messages the chats have.
func TestInboxSearchesOnceForEachChat(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct{ chats, doublings int }{
		"many chats": {100, 4}, "long chats": {3, 7},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			st := storetest.Open(t, storetest.Dialector(t, storetest.MySQL(t)))
			messages := populateInbox(t, st, tc.chats, tc.doublings)
			limit := tc.chats / 3
			for name, after := range map[string]store.Place{
				"first": {}, "next": inbox(t, st, store.InboxQuery{Member: "a", Limit: limit}).Next(),
			} {
				query, args := store.InboxSQL(store.InboxQuery{Member: "a", After: after, Limit: limit})
				// One for each chat's name, one for its last message, and those of the page.
				reads, most := costOf(t, st, query, args).indexed, 2*tc.chats+5*(limit+1)
				if reads < 2*tc.chats || reads > most {
					t.Errorf("%s page: %d rows read of %d messages; want %d to %d", name, reads, messages, 2*tc.chats, most)
				}
			}
		})
	}
}

// populateInbox gives member a so many chats, and messages, which it doubles so often.
func populateInbox(t *testing.T, st *store.Store, chats, doublings int) (messages int) {
	t.Helper()
	var batch []*store.Send
	for i := range store.MaxBatch {
		batch = append(batch, message(fmt.Sprintf("a:b%d", i%chats), "x"))
	}
	commit(t, st, batch...)
	for i := range doublings {
		execute(t, st, fmt.Sprintf("INSERT INTO messages (chat, send_time, sender, text)"+
			" SELECT chat, send_time + %d, sender, text FROM messages", time.Minute.Microseconds()<<i))
	}
	execute(t, st, "ANALYZE TABLE messages, members")
	return len(batch) << doublings
}
