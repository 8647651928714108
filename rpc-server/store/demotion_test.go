package store_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"example.com/im/rpc-server/store"
	"example.com/im/rpc-server/store/storetest"
)

// From the moment at which a server takes no writes, it answers no call, neither on an
// old connection nor on a new one. No connection from before the demotion is used
// again.
func TestDemotedServerAnswersNothing(t *testing.T) {
	t.Parallel()
	server := demotable(t)
	st := storetest.Open(t, storetest.Dialector(t, server.DSN("im")))
	admin := storetest.Open(t, storetest.Dialector(t, server.DSN("im"))).DB()
	commit(t, st, message("a:b", "x"))
	calls := map[string]func() error{
		"Page": func() error {
			_, err := st.Page(t.Context(), store.Query{Chat: "a:b", Limit: 1})
			return err
		},
		"Page of nothing": func() error {
			_, err := st.Page(t.Context(), store.Query{Chat: "a:c", Limit: 1})
			return err
		},
		"Inbox": func() error {
			_, err := st.Inbox(t.Context(), store.InboxQuery{Member: "a", Limit: 1})
			return err
		},
		"Inbox of nothing": func() error {
			_, err := st.Inbox(t.Context(), store.InboxQuery{Member: "c", Limit: 1})
			return err
		},
		"Sync": func() error {
			_, err := st.Sync(t.Context(), store.SyncQuery{Member: "a", Limit: 1})
			return err
		},
		"Members": func() error {
			_, err := st.Members(t.Context(), store.MembersQuery{Chat: "a:b", Limit: 1})
			return err
		},
		"CheckMember": func() error {
			if err := st.CheckMember(t.Context(), "team", "a"); !errors.Is(err, store.ErrNotMember) {
				return err
			}
			return nil
		},
		"Lanes": func() error {
			_, err := st.Lanes()
			return err
		},
		"Clock": func() error {
			_, err := st.Clock(t.Context())
			return err
		},
		// The user may write to a read-only server.
		"Commit": func() error { return st.Commit([]*store.Send{message("a:b", "y")}, time.Now) },
	}
	for name, call := range calls {
		if err := call(); err != nil {
			t.Fatalf("%s = %v before the demotion", name, err)
		}
		last := latestConnection(t, st)
		if _, err := admin.Exec("SET GLOBAL read_only = 1"); err != nil {
			t.Fatal(err)
		}
		for _, connection := range []string{"an old", "a new"} {
			if err := call(); !errors.Is(err, store.ErrUnavailable) || !strings.Contains(err.Error(), "read-only") {
				t.Errorf("%s on %s connection = %v; want ErrUnavailable: read-only", name, connection, err)
			}
		}
		if _, err := store.Open(t.Context(), storetest.Dialector(t, server.DSN("im")), storetest.Config()); !store.Unavailable(err) {
			t.Errorf("Open = %v; want an error with Unavailable", err)
		}
		if _, err := admin.Exec("SET GLOBAL read_only = 0"); err != nil {
			t.Fatal(err)
		}
		if err := call(); err != nil {
			t.Errorf("%s = %v after the promotion", name, err)
		}
		if oldest := oldestConnection(t, st); oldest <= last {
			t.Errorf("%s: connection %d of before the demotion is in use", name, oldest)
		}
	}
}

// The server itself refuses a user without rights over it. The store passes the reason
// on.
func TestRefusalOfReadOnlyServer(t *testing.T) {
	t.Parallel()
	proxy, proxied, _ := storetest.ThroughProxy(t)
	answer(t, proxied, 1290, "running with the --read-only option")
	proxy.SetRule(inPlaceOf("COMMIT", "CALL e"))
	err := proxied.Commit([]*store.Send{message("a:b", "x")}, time.Now)
	if !errors.Is(err, store.ErrUnavailable) || !strings.Contains(err.Error(), "--read-only") {
		t.Errorf("Commit = %v; want ErrUnavailable, and the server's reason", err)
	}
}

// demotable returns a server of the test's own, with the database im.
func demotable(t *testing.T) *storetest.Server {
	t.Helper()
	server, err := storetest.StartMariaDB(t, t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Kill)
	server.Create(t, "im")
	return server
}

// latestConnection returns the number of the newest connection of the server. The
// server counts them.
func latestConnection(t *testing.T, st *store.Store) (id int64) {
	t.Helper()
	conn, err := st.DB().Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	if err := conn.QueryRowContext(t.Context(), "SELECT MAX(id) FROM information_schema.processlist").Scan(&id); err != nil {
		t.Fatal(err)
	}
	return id
}

// oldestConnection returns the number of the oldest connection in the store's pool.
func oldestConnection(t *testing.T, st *store.Store) int64 {
	t.Helper()
	var oldest int64
	for range st.DB().Stats().OpenConnections {
		conn, err := st.DB().Conn(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = conn.Close() }() // not before all are taken
		var id int64
		if err := conn.QueryRowContext(t.Context(), "SELECT CONNECTION_ID()").Scan(&id); err != nil {
			t.Fatal(err)
		}
		if oldest == 0 || id < oldest {
			oldest = id
		}
	}
	return oldest
}
