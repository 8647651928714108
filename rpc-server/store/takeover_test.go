package store_test

import (
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"

	"example.com/im/idl/chat"
	"example.com/im/rpc-server/store"
	"example.com/im/rpc-server/store/storetest"
)

// undoBackfill makes the database one of version 1, which has no rows in members.
func undoBackfill(t testing.TB, st *store.Store) {
	t.Helper()
	execute(t, st, "DELETE FROM members")
	execute(t, st, "DELETE FROM schema_versions WHERE version > 1")
	execute(t, st, "UPDATE lanes SET accounted = 0")
}

// storeChats stores a message in each of n chats, a few of them notes. It returns what
// members has to hold of them.
func storeChats(t testing.TB, st *store.Store, n int) (rows []string) {
	t.Helper()
	var batch []*store.Send
	for i := range n {
		member, name := "a", fmt.Sprintf("a:b%d", i)
		if i%100 == 0 {
			member, name = fmt.Sprintf("b%d", i), fmt.Sprintf("b%d:b%d", i, i)
		} else {
			rows = append(rows, fmt.Sprintf("b%d in %s", i, name))
		}
		rows = append(rows, member+" in "+name)
		batch = append(batch, message(name, "x"))
		if len(batch) == store.MaxBatch || i == n-1 {
			commit(t, st, batch...)
			batch = nil
		}
	}
	return rows
}

// The first instances of version 2, several at once, list the chats of version 1, while
// others write to the same chats.
func TestChatsOfVersion1AreListed(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, open func() *store.Store) {
		const chats = 2*256 + 10 // more than are listed at a time
		old := open()            // it remembers the chats as listed, and so lists none, like version 1
		want := storeChats(t, old, chats)
		fresh := open()
		undoBackfill(t, old)
		fresh.RememberRows(chats)

		stop := make(chan struct{})
		var writers, starters sync.WaitGroup
		for _, st := range []*store.Store{old, fresh} {
			writers.Go(func() {
				for {
					select {
					case <-stop:
						return
					default:
						commit(t, st, message(fmt.Sprintf("a:b%d", rand.N(chats/100)*100+1), "y"), message("a:b7", "z"))
					}
				}
			})
		}
		for range 3 {
			starters.Go(func() { open() })
		}
		starters.Wait()
		close(stop)
		writers.Wait()
		wantMembers(t, old, want...)
		undoBackfill(t, old)
		execute(t, old, "INSERT INTO members (member, chat) VALUES ('a', 'a:b1'), ('b1', 'a:b1')") // as an interrupted backfill leaves it
		wantMembers(t, open(), want...)
	})
}

// Listing chats moves their lanes, by which other nodes of a cluster notice it.
func TestListingMovesTheLanes(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, open func() *store.Store) {
		st := open()
		commit(t, st, message("a:b", "x"))
		before := lanes(t, st)
		open() // nothing to list
		if got := lanes(t, st); got != before {
			t.Errorf("lanes = %v; want %v, as before", got, before)
		}
		undoBackfill(t, st)
		open()
		before[chat.Name("a:b").Lane()] += 2 // with the rows, and when they are accounted for
		if got := lanes(t, st); got != before {
			t.Errorf("lanes = %v; want %v, two microseconds on in one lane", got, before)
		}
	})
}

func lanes(t testing.TB, st *store.Store) store.Lanes {
	t.Helper()
	lanes, err := st.Lanes()
	if err != nil {
		t.Fatal(err)
	}
	return lanes
}

// A migration during which the database is lost may succeed later.
func TestListingIsTriedAgain(t *testing.T) {
	t.Parallel()
	dsn := storetest.MySQL(t)
	st := storetest.Open(t, storetest.Dialector(t, dsn))
	want := storeChats(t, st, 3)
	undoBackfill(t, st)
	proxy, throughProxy := storetest.Proxied(t, dsn)
	for _, statement := range []string{"SELECT chat FROM messages", "START TRANSACTION", "FOR UPDATE", "INSERT INTO members", "\x03COMMIT"} {
		proxy.SetRule(storetest.On(statement, storetest.Cut))
		_, err := store.Open(t.Context(), storetest.Dialector(t, throughProxy), storetest.Config())
		if err == nil || !store.Unavailable(err) {
			t.Errorf("cut at %s: Open = %v; want an error with Unavailable", statement, err)
		}
		wantMembers(t, st)
	}
	proxy.SetRule(nil)
	wantMembers(t, storetest.Open(t, storetest.Dialector(t, throughProxy)), want...)
}
