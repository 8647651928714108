package store_test

import (
	"context"
	"errors"
	"testing"

	driver "github.com/go-sql-driver/mysql"

	"example.com/im/rpc-server/store"
	"example.com/im/rpc-server/store/storetest"
)

// The server itself ends a statement of an inbox or a sync that takes too long, also when
// nobody waits for it any more. The store goes on with the same connections.
func TestStatementsHaveALimit(t *testing.T) {
	t.Parallel()
	st := storetest.Open(t, storetest.Dialector(t, storetest.MySQL(t)))
	commit(t, st, message("a:b", "x"))
	err := st.ReadSlowly(t.Context())
	server := (*driver.MySQLError)(nil)
	if !errors.Is(err, store.ErrUnavailable) || !errors.As(err, &server) || server.Number != 1969 && server.Number != 3024 {
		t.Errorf("a statement that takes minutes: %v; want ErrUnavailable, by the server's limit", err)
	}
	if page := inbox(t, st, store.InboxQuery{Member: "a", Limit: 1}); len(page.Last) != 1 {
		t.Errorf("afterwards the inbox shows %v", page.Last)
	}
}

// Inboxes and syncs leave pulls their connections, and pulls leave them theirs.
func TestSnapshotsHaveSlotsOfTheirOwn(t *testing.T) {
	t.Parallel()
	st := storetest.Open(t, storetest.SQLite(t))
	commit(t, st, message("a:b", "x"))
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	release := st.HoldSnapshots()
	if _, err := st.Sync(gone, store.SyncQuery{Member: "a", Limit: 1}); !errors.Is(err, store.ErrBusy) {
		t.Errorf("Sync = %v; want ErrBusy", err)
	}
	if page := read(t, st, store.Query{Chat: "a:b", Limit: 1}); len(page.Messages) != 1 {
		t.Errorf("a pull beside snapshots: %v", page)
	}
	release()
	release = st.HoldPulls()
	if page := inbox(t, st, store.InboxQuery{Member: "a", Limit: 1}); len(page.Last) != 1 {
		t.Errorf("an inbox beside pulls: %v", page)
	}
	release()
}

// A message that a snapshot has shown, and that the database then does not find, is an
// error. It would be an empty message in an inbox, and lost to a sync for ever.
func TestMissingMessagesAreErrors(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, open func() *store.Store) {
		st := open()
		sends := []*store.Send{message("a:b", "x"), message("a:c", "x")}
		commit(t, st, sends...)
		first := sends[0].SendTime
		if err := st.ReadPlaces(t.Context(), store.Place{SendTime: first, Chat: "a:b"}); err != nil {
			t.Errorf("a message that is there: %v", err)
		}
		err := st.ReadPlaces(t.Context(), store.Place{SendTime: first, Chat: "a:b"}, store.Place{SendTime: first - 1, Chat: "a:c"})
		if !errors.Is(err, store.ErrUnavailable) {
			t.Errorf("a message that is missing: %v; want ErrUnavailable", err)
		}
	})
}

// A result that ends early without an error, as TiDB's do when it stops, is an error. What
// is missing in it would be lost to a sync for ever.
func TestShortResultsAreErrors(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, open func() *store.Store) {
		if err := open().ReadShort(t.Context()); !errors.Is(err, store.ErrUnavailable) {
			t.Errorf("a result without its last row: %v; want ErrUnavailable", err)
		}
	})
}
