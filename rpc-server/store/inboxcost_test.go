package store_test

import (
	"errors"
	"fmt"
	"testing"

	"example.com/im/rpc-server/store"
	"example.com/im/rpc-server/store/storetest"
)

// An inbox costs one look into the index for each chat of its member, however many
// messages the chats have.
func TestInboxLooksOnceForEachChat(t *testing.T) {
	t.Parallel()
	st := storetest.Open(t, storetest.Dialector(t, storetest.MySQL(t)))
	const chats, limit = 100, 10
	for range 10 {
		var batch []*store.Send
		for i := range store.MaxBatch {
			batch = append(batch, message(fmt.Sprintf("a:b%d", i%chats), "x"))
		}
		commit(t, st, batch...)
	}
	execute(t, st, "ANALYZE TABLE messages, members")
	for name, after := range map[string]store.Place{"first": {}, "next": inbox(t, st, store.InboxQuery{Member: "a", Limit: limit}).Next()} {
		query, args := store.InboxSQL(store.InboxQuery{Member: "a", After: after, Limit: limit})
		reads := indexReads(t, st, query, args)
		// One for each chat's name, one for its last message, and those of the page.
		if most := 2*chats + 5*limit; reads < 2*chats || reads > most {
			t.Errorf("%s page: %d rows read of %d messages; want %d to %d", name, reads, 10*store.MaxBatch, 2*chats, most)
		}
	}
}

// indexReads returns how often the database reads a row by an index for a query.
func indexReads(t testing.TB, st *store.Store, query string, args []any) (reads int) {
	t.Helper()
	conn, err := st.DB().Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	// MariaDB's memory of what it has looked up would hide that it looks again. Others
	// have no such switch.
	_, _ = conn.ExecContext(t.Context(), "SET SESSION optimizer_switch = 'subquery_cache=off'")
	count := func() (n int) {
		rows, err := conn.QueryContext(t.Context(), "SHOW SESSION STATUS WHERE Variable_name LIKE 'Handler_read%' AND Variable_name NOT LIKE '%rnd%'")
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = rows.Close() }()
		for rows.Next() {
			var name string
			var value int
			if err := rows.Scan(&name, &value); err != nil {
				t.Fatal(err)
			}
			n += value
		}
		if err := rows.Err(); err != nil {
			t.Fatal(err)
		}
		return n
	}
	idle := count()
	idle = count() - idle // what counting itself reads
	before := count()
	rows, err := conn.QueryContext(t.Context(), query, args...)
	if err != nil {
		t.Fatal(err)
	}
	for rows.Next() {
		continue // what is in them is of no interest
	}
	if err := errors.Join(rows.Err(), rows.Close()); err != nil {
		t.Fatal(err)
	}
	return count() - before - idle
}
