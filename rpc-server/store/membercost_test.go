package store_test

import (
	"database/sql"
	"fmt"
	"testing"
	"time"

	"example.com/im/rpc-server/store"
	"example.com/im/rpc-server/store/storetest"
)

// commitAt stores a batch by a clock.
func commitAt(t *testing.T, st *store.Store, now time.Time, batch ...*store.Send) {
	t.Helper()
	if err := st.Commit(batch, func() time.Time { return now }); err != nil {
		t.Fatal(err)
	}
}

// populate gives member a so many chats, one each ten seconds, and has it read them.
func populate(t *testing.T, st *store.Store, chats int) (now time.Time) {
	t.Helper()
	now = time.Now()
	for i := range chats {
		now = now.Add(10 * time.Second)
		m := message(fmt.Sprintf("a:b%d", i), "x")
		commitAt(t, st, now, m)
		commitAt(t, st, now, markOf(string(m.Chat), "a", m.SendTime))
	}
	execute(t, st, "ANALYZE TABLE messages, members, read_marks, stays")
	return now
}

// rowsRead returns how many rows a connection has read by indexes. (Those of temporary
// tables, in which the database puts results together, are scanned.)
func rowsRead(t *testing.T) func(*sql.Conn) int {
	return func(conn *sql.Conn) int { return costSince(t, conn, cost{}).indexed }
}

// The newest page of an inbox costs its rows and those of the chats of a minute, however
// many chats the member has. A later page costs no more.
func TestInboxCostsWhatItShows(t *testing.T) {
	t.Parallel()
	st := storetest.Open(t, storetest.Dialector(t, storetest.MySQL(t)))
	const chats, limit, most = 600, 20, 200
	populate(t, st, chats)
	q := store.InboxQuery{Member: "a", Limit: limit}
	for range chats / limit {
		page, read, err := st.CostOfInbox(t.Context(), q, rowsRead(t))
		if err != nil || len(page.Last) != limit {
			t.Fatalf("%d chats, %v; want %d", len(page.Last), err, limit)
		}
		if read > most {
			t.Errorf("a page of %d chats of %d reads %d rows; want at most %d", limit, chats, read, most)
		}
		q.After = page.Next()
	}
}

// A sync costs what is new, however many chats the member has and however many others
// are written to.
func TestSyncCostsWhatIsNew(t *testing.T) {
	t.Parallel()
	st := storetest.Open(t, storetest.Dialector(t, storetest.MySQL(t)))
	const chats, news, most = 600, 10, 400
	now := populate(t, st, chats).Add(2 * time.Minute)
	after := lanes(t, st)
	for i := range 300 { // in all lanes
		batch := []*store.Send{message(fmt.Sprintf("c:d%d", i), "x")}
		if i < news {
			batch = append(batch, message(fmt.Sprintf("a:b%d", i), "new"))
		}
		commitAt(t, st, now, batch...)
	}
	execute(t, st, "ANALYZE TABLE messages, members")
	page, read, err := st.CostOfSync(t.Context(), store.SyncQuery{Member: "a", After: after, Limit: 100}, rowsRead(t))
	if err != nil || len(page.Messages) != news || page.HasMore {
		t.Fatalf("%d messages, more %t, %v; want %d", len(page.Messages), page.HasMore, err, news)
	}
	if read > most {
		t.Errorf("a sync of %d chats of %d reads %d rows; want at most %d", news, chats, read, most)
	}
}
