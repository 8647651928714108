package store_test

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"example.com/im/rpc-server/store"
	"example.com/im/rpc-server/store/storetest"
)

// rowsOfMembers returns what the table holds, as "member in chat", in order.
func rowsOfMembers(t testing.TB, st *store.Store) (all []string) {
	t.Helper()
	rows, err := st.DB().Query("SELECT member, chat FROM members")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var member, name string
		if err := rows.Scan(&member, &name); err != nil {
			t.Fatal(err)
		}
		all = append(all, member+" in "+name)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	slices.Sort(all)
	return all
}

func wantMembers(t testing.TB, st *store.Store, want ...string) {
	t.Helper()
	slices.Sort(want)
	got := rowsOfMembers(t, st)
	if slices.Equal(got, want) {
		return
	}
	t.Errorf("members has %d rows; want %d", len(got), len(want))
	for i, row := range got {
		if i == len(want) || row != want[i] {
			t.Errorf("row %d is %s; want %q and so on", i, row, want[i:min(i+1, len(want))])
			break
		}
	}
}

// A chat is listed for each of its members with its first message, whatever else is
// in the batch, and once.
func TestChatsAreListed(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, open func() *store.Store) {
		st := open()
		commit(t, st, message("a:b", "x"), message("a:a", "notes"), message("a:b", "y"), keyed("b:c", "k", "z"))
		want := []string{"a in a:b", "b in a:b", "a in a:a", "b in b:c", "c in b:c"}
		wantMembers(t, st, want...)
		commit(t, st, message("a:b", "x"), keyed("b:c", "k", "z")) // known
		commit(t, open(), message("a:a", "x"), message("a:b", "y"), message("b:d", "y"), keyed("b:c", "k", "z"))
		wantMembers(t, st, append(want, "b in b:d", "d in b:d")...)
	})
}

// A chat whose rows are missing gets them with its next message.
func TestListingHeals(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, open func() *store.Store) {
		old := open()
		commit(t, old, message("a:b", "x"))
		execute(t, old, "DELETE FROM members")
		st := open()
		commit(t, st, message("a:b", "y"))
		wantMembers(t, st, "a in a:b", "b in a:b")
	})
}

// Instances that create the same chats at the same time do not fail each other's sends.
func TestFirstMessagesOnSeveralInstances(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, open func() *store.Store) {
		const rounds, perBatch = 30, 5
		instances := []*store.Store{open(), open(), open()}
		for round := range rounds {
			start := make(chan struct{})
			var wg sync.WaitGroup
			for _, st := range instances {
				var batch []*store.Send
				for i := range perBatch {
					batch = append(batch, message(fmt.Sprintf("a:%d-%d", round, i), "x"))
				}
				wg.Go(func() {
					<-start
					commit(t, st, batch...)
				})
			}
			close(start)
			wg.Wait()
		}
		if got := len(rowsOfMembers(t, instances[0])); got != 2*rounds*perBatch {
			t.Errorf("%d rows; want %d", got, 2*rounds*perBatch)
		}
	})
}

// Sends to known chats cost nothing for the table members. New chats cost a batch one
// search and one INSERT, however many they are.
func TestListingCostsOnlyNewChats(t *testing.T) {
	t.Parallel()
	proxy, proxied, _ := storetest.ThroughProxy(t)
	var mu sync.Mutex
	pieces, aboutMembers := 0, 0
	proxy.SetRule(func(sent []byte) storetest.Action {
		mu.Lock()
		defer mu.Unlock()
		pieces++
		aboutMembers += bytes.Count(sent, []byte("members"))
		return storetest.Pass
	})
	count := func(messages ...*store.Send) (roundTrips, statements int) {
		mu.Lock()
		pieces, aboutMembers = 0, 0
		mu.Unlock()
		commit(t, proxied, messages...)
		mu.Lock()
		defer mu.Unlock()
		return pieces, aboutMembers
	}
	count(message("a:b", "the connection is there"))
	for name, tc := range map[string]struct {
		chats      []string
		statements int
	}{
		"known":         {[]string{"a:b", "a:b"}, 0},
		"new":           {[]string{"a:c", "a:d", "a:c"}, 2},
		"known and new": {[]string{"a:b", "a:e"}, 2},
	} {
		var batch []*store.Send
		for _, name := range tc.chats {
			batch = append(batch, message(name, "x"))
		}
		const lock, insert, save, end = 1, 1, 1, 1
		want := lock + insert + save + end + tc.statements
		if roundTrips, statements := count(batch...); roundTrips != want || statements != tc.statements {
			t.Errorf("%s: %d round trips, %d statements about members; want %d, %d", name, roundTrips, statements, want, tc.statements)
		}
	}
}

// The store remembers a chat as listed only after a commit that is known to have
// succeeded.
func TestUnknownCommitsAreNotRemembered(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		statement string
		action    storetest.Action
		want      error
	}{
		"the lock fails":             {"FOR UPDATE", storetest.Cut, store.ErrUnavailable},
		"the INSERT fails":           {"INSERT INTO members", storetest.Cut, store.ErrUnavailable},
		"COMMIT never comes there":   {"\x03COMMIT", storetest.Cut, store.ErrUnknown},
		"the answer to it gets lost": {"\x03COMMIT", storetest.Answer, store.ErrUnknown},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			proxy, proxied, direct := storetest.ThroughProxy(t)
			proxy.SetRule(storetest.On(tc.statement, tc.action))
			if err := proxied.Commit([]*store.Send{message("a:b", "x")}, time.Now); !errors.Is(err, tc.want) {
				t.Errorf("Commit = %v; want %v", err, tc.want)
			}
			if proxied.Remembers("a:b") {
				t.Error("the chat is taken for listed")
			}
			proxy.SetRule(nil)
			commit(t, proxied, message("a:b", "y"))
			wantMembers(t, direct, "a in a:b", "b in a:b")
			if !proxied.Remembers("a:b") {
				t.Error("the chat is not remembered")
			}
		})
	}
}

// Nor does it remember the chats of a batch that a refused message has failed.
func TestRefusedBatchListsNothing(t *testing.T) {
	t.Parallel()
	st := storetest.Open(t, storetest.Dialector(t, storetest.MySQL(t)))
	err := st.Commit([]*store.Send{message("a:b", "x"), message("a:c", strings.Repeat("x", 70_000))}, time.Now)
	if err == nil {
		t.Fatal("Commit takes a text that does not fit")
	}
	wantMembers(t, st)
	commit(t, st, message("a:b", "x")) // as the sequencer does, which halves the batch
	wantMembers(t, st, "a in a:b", "b in a:b")
}

// The memory of listed chats is bounded, and keeps those in use.
func TestListedChatsAreBounded(t *testing.T) {
	t.Parallel()
	const limit, chats = 10, 95
	st := storetest.Open(t, storetest.SQLite(t))
	st.RememberRows(limit)
	for i := range chats {
		commit(t, st, message("in:use", "x"), message(fmt.Sprintf("a:%d", i), "x"))
		if n := st.RememberedRows(); n > limit {
			t.Fatalf("%d chats are remembered; want at most %d", n, limit)
		}
		if !st.Remembers("in:use") {
			t.Fatal("a chat in use is forgotten")
		}
	}
	if st.Remembers("a:0") {
		t.Error("a chat that was long not in use is remembered")
	}
	commit(t, st, message("a:0", "a chat that is forgotten is found in the table"))
	if got := len(rowsOfMembers(t, st)); got != 2*(chats+1) {
		t.Errorf("%d rows; want %d", got, 2*(chats+1))
	}
}

// Chats are looked up by the index.
func TestMembersAreFoundByIndex(t *testing.T) {
	t.Parallel()
	st := storetest.Open(t, storetest.Dialector(t, storetest.MySQL(t)))
	var sends []*store.Send
	for i := range store.MaxBatch {
		sends = append(sends, message(fmt.Sprintf("a:b%d", i), "x"))
	}
	commit(t, st, sends...)
	execute(t, st, "ANALYZE TABLE members")
	wantLookUps(t, st, 20)(store.RowsSQL(sends[:20]))
}
