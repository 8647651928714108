package store_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"

	"example.com/im/idl/chat"
	"example.com/im/rpc-server/store"
	"example.com/im/rpc-server/store/storetest"
)

// A follower knows what the pages of a chain of cursors have told.
type follower struct {
	member   string
	from     store.Lanes // where it began
	cursor   store.Lanes
	messages map[chat.Name][]store.Message
	marks    map[string]store.ReadMark
}

func follow(member string, from store.Lanes) *follower {
	return &follower{member, from, from, make(map[chat.Name][]store.Message), make(map[string]store.ReadMark)}
}

// sync reads one page.
func (f *follower) sync(t *testing.T, st *store.Store, limit int) (more bool) {
	t.Helper()
	page, err := st.Sync(t.Context(), store.SyncQuery{Member: f.member, After: f.cursor, Limit: limit})
	if err != nil {
		t.Fatal(err)
	}
	if len(page.Messages) > limit {
		t.Fatalf("%d messages; want at most %d", len(page.Messages), limit)
	}
	for _, m := range page.Messages {
		f.messages[m.Chat] = append(f.messages[m.Chat], m)
	}
	for _, m := range page.Reads {
		if before := f.marks[at(m.Chat, m.Member)]; before.SendTime > m.SendTime {
			t.Fatalf("the mark %+v goes back to %+v", before, m)
		}
		f.marks[at(m.Chat, m.Member)] = m
	}
	if page.HasMore && page.Next == f.cursor {
		t.Fatal("there is more, and the cursor stands still")
	}
	again, err := st.Sync(t.Context(), store.SyncQuery{Member: f.member, After: page.Next, Limit: 1})
	if err != nil {
		t.Fatal(err)
	}
	if exists := len(again.Messages)+len(again.Reads) > 0; exists != page.HasMore {
		t.Fatalf("HasMore = %t, and another page exists: %t (%+v)", page.HasMore, exists, again)
	}
	f.cursor = page.Next
	return page.HasMore
}

// wantAll checks that the follower knows everything once, in order.
func (f *follower) wantAll(t *testing.T, w *world) {
	t.Helper()
	if want := w.expected(f.member, f.from); !reflect.DeepEqual(f.messages, want) {
		for name := range w.messages {
			if fmt.Sprint(f.messages[name]) != fmt.Sprint(want[name]) {
				t.Errorf("%s of %s: %v; want %v", name, f.member, f.messages[name], want[name])
			}
		}
		t.FailNow()
	}
	for key, mark := range w.marks {
		moved := w.moved[key]
		sees := slices.ContainsFunc(w.sees(f.member)[mark.Chat], func(s worldStay) bool { return s.has(moved) })
		if sees && moved > f.from[mark.Chat.Lane()] && f.marks[key] != mark {
			t.Fatalf("%s knows %+v; want %+v", f.member, f.marks[key], mark)
		}
	}
}

// Members who follow along chains of cursors, from the oldest message or from an inbox,
// by pages of any size, learn everything once, and an inbox shows what a scan counts:
// between commits of several instances, with groups whose members come and go, while
// instances of an earlier version write, and after.
func TestSyncsAndInboxesAgreeWithModel(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, open func() *store.Store) {
		seed := rand.Uint64()
		t.Logf("seed %d", seed)
		r := rand.New(rand.NewPCG(seed, 0))
		instances := []*store.Store{open(), open()}
		instances[1].RememberRows(4) // it has to search often
		for range storetest.Cases(t, 10, 4) {
			w := newWorld(r)
			for _, table := range []string{"messages", "members", "chat_groups", "stays", "read_marks"} {
				execute(t, instances[0], "DELETE FROM "+table)
			}
			for _, st := range instances {
				st.RememberRows(100) // none of the world before
			}
			var followers []*follower
			for _, member := range append(worldMembers, "nobody") {
				followers = append(followers, follow(member, store.Lanes{}))
			}
			upgrade := r.IntN(150) // from then on no earlier version writes
			for i := range 150 {
				switch {
				case i < upgrade && r.IntN(4) == 0:
					w.commitAsBefore(t, instances[0])
				case r.IntN(20) == 0:
					takeOver(t, instances[r.IntN(2)])
				}
				w.commit(t, instances[r.IntN(2)])
				w.wantSeat(t, instances[r.IntN(2)], w.group(), w.member())
				followers[r.IntN(len(followers))].sync(t, instances[r.IntN(2)], 1+r.IntN(20))
				if r.IntN(3) == 0 {
					followers = append(followers, w.wantInbox(t, instances[r.IntN(2)], w.member(), 1+r.IntN(8)))
				}
			}
			takeOver(t, instances[0])
			w.wantInbox(t, instances[1], w.member(), 3)
			for _, f := range followers {
				for f.sync(t, instances[r.IntN(2)], 1+r.IntN(20)) {
				}
				f.wantAll(t, w)
			}
		}
	})
}

// wantSeat checks what is told of whether a member is in a group.
func (w *world) wantSeat(t *testing.T, st *store.Store, group chat.Name, member string) {
	t.Helper()
	var want error
	if !w.in(group, member) {
		want = store.ErrNotMember
	}
	if err := st.CheckMember(t.Context(), group, member); !errors.Is(err, want) {
		t.Fatalf("CheckMember(%s, %s) = %v; want %v", group, member, err, want)
	}
}

// wantInbox checks a member's inbox, in pages of limit chats. It returns a follower that
// knows what it shows.
func (w *world) wantInbox(t *testing.T, st *store.Store, member string, limit int) *follower {
	t.Helper()
	want := w.inbox(member)
	q := store.InboxQuery{Member: member, Limit: limit}
	var got store.Inbox
	for page := (store.Inbox{HasMore: true}); page.HasMore; q.After = got.Next() {
		page = inbox(t, st, q)
		if q.After == (store.Place{}) {
			got.Lanes = page.Lanes
		}
		got.Last, got.States = append(got.Last, page.Last...), append(got.States, page.States...)
		if len(got.Last) == 0 {
			break
		}
	}
	if fmt.Sprint(got.Last) != fmt.Sprint(want.Last) || !slices.Equal(got.States, want.States) {
		t.Fatalf("inbox of %s: %+v %+v; want %+v %+v", member, got.Last, got.States, want.Last, want.States)
	}
	return follow(member, got.Lanes)
}
