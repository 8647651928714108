package store_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"example.com/im/idl/chat"
	"example.com/im/rpc-server/store"
	"example.com/im/rpc-server/store/storetest"
)

// change returns a change of a group that is not stored yet.
func change(group, by string, add, remove []string) *store.Send {
	wanted := store.NewChange(add, remove)
	return &store.Send{Message: store.Message{Chat: chat.Name(group), Sender: by}, Member: by, Wanted: &wanted}
}

// sentBy returns a message of a member of a group.
func sentBy(group, member, text string) *store.Send {
	return &store.Send{Message: store.Message{Chat: chat.Name(group), Sender: member, Text: text}, Member: member}
}

// markOf returns a read mark.
func markOf(name, member string, upTo int64) *store.Send {
	return &store.Send{Message: store.Message{Chat: chat.Name(name)}, Member: member, ReadUpTo: upTo}
}

func wantOutcomes(t *testing.T, sends []*store.Send, want ...store.Outcome) {
	t.Helper()
	for i, s := range sends {
		if s.Outcome != want[i] {
			t.Errorf("send %d of %s to %s: outcome %d; want %d", i, s.Member, s.Chat, s.Outcome, want[i])
		}
	}
}

func names(prefix string, n int) (all []string) {
	for i := range n {
		all = append(all, fmt.Sprint(prefix, i))
	}
	return all
}

// Changes say what they have changed, for people and for programs, and how many are in
// the group then.
func TestChanges(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, open func() *store.Store) {
		st := open()
		for _, tc := range []struct {
			by          string
			add, remove []string
			text        string
			change      store.Change
			members     int
		}{
			{"ann", []string{"bob", "eve", "bob"}, []string{"ann"}, "added ann, bob and eve", "+ann +bob +eve", 3},
			{"bob", []string{"ann", "joe"}, []string{"eve", "zoe"}, "added joe and removed eve", "+joe -eve", 3},
			{"bob", []string{"ann", "joe"}, []string{"eve"}, "", "", 3},
			{"bob", nil, []string{"bob"}, "left", "-bob", 2},
			{"ann", names("m", 7), nil, "added m0, m1, m2, m3 and 3 others", "+m0 +m1 +m2 +m3 +m4 +m5 +m6", 9},
			{"ann", []string{"bob"}, []string{"ann"}, "added bob and left", "+bob -ann", 9},
		} {
			s := change("team", tc.by, tc.add, tc.remove)
			commit(t, st, s)
			if s.Text != tc.text || s.Change != tc.change || s.Members != tc.members {
				t.Errorf("%s adds %v, removes %v: %q, %q, %d members; want %q, %q, %d",
					tc.by, tc.add, tc.remove, s.Text, s.Change, s.Members, tc.text, tc.change, tc.members)
			}
		}
		page := read(t, st, store.Query{Chat: "team", Limit: 10})
		if len(page.Messages) != 5 || page.Messages[1].Change != "+joe -eve" {
			t.Errorf("the group has %+v; want 5 changes", page.Messages)
		}
	})
}

// In one batch each send meets the group as the sends before have left it.
func TestMembershipWithinABatch(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, open func() *store.Store) {
		st := open()
		sends := []*store.Send{
			sentBy("team", "ann", "too early"),
			change("team", "ann", []string{"bob"}, nil),
			sentBy("team", "bob", "hello"),
			change("team", "bob", nil, []string{"bob"}),
			sentBy("team", "bob", "too late"),
			change("team", "eve", []string{"eve"}, nil),
			change("team", "ann", []string{"bob"}, nil),
			sentBy("team", "bob", "again"),
			markOf("team", "eve", 1),
			change("team", "ann", nil, []string{"ann", "bob"}),
			change("team", "ann", []string{"ann"}, nil),
			sentBy("team", "ann", "closed"),
		}
		commit(t, st, sends...)
		wantOutcomes(t, sends, store.NoGroup, store.Stored, store.Stored, store.Stored, store.NotMember, store.NotMember,
			store.Stored, store.Stored, store.NotMember, store.Stored, store.Closed, store.Closed)
		for _, again := range []*store.Send{change("team", "ann", []string{"ann"}, nil), sentBy("team", "bob", "x")} {
			commit(t, open(), again)
			wantOutcomes(t, []*store.Send{again}, store.Closed)
			if !errors.Is(again.Refusal(), store.ErrClosed) {
				t.Errorf("refusal = %v; want ErrClosed", again.Refusal())
			}
		}
		f := follow("bob", store.Lanes{})
		f.sync(t, st, 100)
		var told []string
		for _, m := range f.messages["team"] {
			told = append(told, m.Text)
		}
		if got := strings.Join(told, "; "); got != "added ann and bob; hello; left; added bob; again; removed ann and bob" {
			t.Errorf("bob learns %s", got)
		}
		if page := inbox(t, st, store.InboxQuery{Member: "bob", Limit: 1}); len(page.Last) != 0 {
			t.Errorf("the inbox of one who has left shows %v", page.Last)
		}
	})
}

// A group takes 1,000 members, whose rows are moved together, and no more.
func TestCrowdedGroup(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, open func() *store.Store) {
		st := open()
		for i := range 10 {
			commit(t, st, change("crowd", "m00", names(fmt.Sprint("m", i), 100), nil))
		}
		one := change("crowd", "m00", []string{"another"}, nil)
		commit(t, st, one)
		wantOutcomes(t, []*store.Send{one}, store.Crowded)
		if refusal := (*chat.Error)(nil); !errors.As(one.Refusal(), &refusal) || refusal.Field != "add" {
			t.Errorf("refusal = %v; want a rule of add", one.Refusal())
		}
		later := time.Now().Add(time.Hour)
		if err := st.Commit([]*store.Send{sentBy("crowd", "m15", "hello")}, func() time.Time { return later }); err != nil {
			t.Fatal(err)
		}
		for _, member := range []string{"m00", "m599", "m999"} {
			page := inbox(t, st, store.InboxQuery{Member: member, Limit: 1})
			if len(page.Last) != 1 || page.Last[0].Text != "hello" {
				t.Errorf("the inbox of %s shows %v", member, page.Last)
			}
		}
		var behind int
		if err := st.DB().QueryRow("SELECT COUNT(*) FROM members WHERE chat = 'crowd' AND moved < ?", later.UnixMicro()).Scan(&behind); err != nil || behind > 0 {
			t.Errorf("%d rows are behind, %v", behind, err)
		}
		swap := change("crowd", "m00", []string{"another"}, []string{"m01"})
		commit(t, st, swap)
		if swap.Outcome != store.Stored || swap.Members != chat.MaxGroupMembers {
			t.Errorf("outcome %d, %d members; want one for one", swap.Outcome, swap.Members)
		}
		all := 0
		for q := (store.MembersQuery{Chat: "crowd", Limit: 300}); ; {
			page, err := st.Members(t.Context(), q)
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range page.Members {
				if m.Member <= q.After {
					t.Fatalf("%s comes after %s", m.Member, q.After)
				}
				q.After, all = m.Member, all+1
			}
			if !page.HasMore {
				break
			}
		}
		if all != chat.MaxGroupMembers {
			t.Errorf("%d members are listed; want %d", all, chat.MaxGroupMembers)
		}
	})
}

// A key of a change stands for the names, too.
func TestKeysOfChanges(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, open func() *store.Store) {
		st := open()
		keyedChange := func(add ...string) *store.Send {
			s := change("team", "ann", add, nil)
			s.Key = "k"
			return s
		}
		first, same, again, other := keyedChange("bob"), keyedChange("bob"), keyedChange("bob"), keyedChange("eve")
		commit(t, st, first, same)
		commit(t, st, change("team", "ann", nil, []string{"bob"}))
		commit(t, open(), again, other)
		wantOutcomes(t, []*store.Send{first, same, again, other}, store.Stored, store.Replayed, store.Replayed, store.KeyReused)
		if again.SendTime != first.SendTime || same.SendTime != first.SendTime || again.Members != 1 {
			t.Errorf("replayed: %d of %d members; want %d, 1", again.SendTime, again.Members, first.SendTime)
		}
		refused := sentBy("team", "bob", "x") // a refusal takes no key
		refused.Key = "r"
		commit(t, st, refused)
		wantOutcomes(t, []*store.Send{refused}, store.NotMember)
		commit(t, st, change("team", "ann", []string{"bob"}, nil))
		retried := sentBy("team", "bob", "x")
		retried.Key = "r"
		commit(t, st, retried)
		wantOutcomes(t, []*store.Send{retried}, store.Stored)
	})
}

// A mark never goes back, nor beyond what its chat can have, and is none where nothing
// can be read.
func TestMarks(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, open func() *store.Store) {
		st := open()
		nothing := markOf("a:b", "a", 5)
		commit(t, st, nothing)
		wantOutcomes(t, []*store.Send{nothing}, store.Unchanged)
		one, two := message("a:b", "1"), message("a:b", "2")
		commit(t, st, one, two)
		far, forth, back := markOf("a:b", "b", one.SendTime), markOf("a:b", "b", one.SendTime+int64(time.Hour)), markOf("a:b", "b", 7)
		commit(t, st, far)
		commit(t, open(), forth)
		commit(t, st, back)
		if far.Stands != one.SendTime || forth.Stands < two.SendTime || back.Stands != forth.Stands {
			t.Errorf("marks stand at %d, %d, %d", far.Stands, forth.Stands, back.Stands)
		}
		three := message("a:b", "3")
		commit(t, st, three)
		if three.SendTime <= forth.Stands {
			t.Errorf("message 3 came at %d, and was read up to %d before", three.SendTime, forth.Stands)
		}
		page, err := st.Members(t.Context(), store.MembersQuery{Chat: "a:b", Limit: 5})
		if err != nil || fmt.Sprint(page.Members) != fmt.Sprint([]store.ReadMark{{"a:b", "a", 0}, {"a:b", "b", forth.Stands}}) {
			t.Errorf("members = %+v, %v", page.Members, err)
		}
		if _, err := st.Members(t.Context(), store.MembersQuery{Chat: "nogroup", Limit: 5}); !errors.Is(err, store.ErrNoGroup) || store.Unavailable(err) {
			t.Errorf("members of no group: %v; want ErrNoGroup", err)
		}
	})
}

// Unread messages are counted up to 99. The member's own do not count, wherever they are.
func TestUnread(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, open func() *store.Store) {
		st := open()
		send := func(name, sender string, n int) {
			var batch []*store.Send
			for range n {
				batch = append(batch, &store.Send{Message: store.Message{Chat: chat.Name(name), Sender: sender, Text: "x"}, Member: "b"})
			}
			if n > 0 {
				commit(t, st, batch...)
			}
		}
		for _, tc := range []struct {
			name       string
			own, other int
			want       int
		}{{"a:b", 0, 99, 99}, {"a:c", 0, 100, 100}, {"a:d", 200, 7, 7}, {"a:e", 400, 300, 100}, {"a:f", 5, 0, 0}} {
			send(tc.name, "A", tc.own)
			send(tc.name, tc.name[2:], tc.other)
			page := inbox(t, st, store.InboxQuery{Member: "a", Limit: 1})
			if page.Last[0].Chat != chat.Name(tc.name) || page.States[0].Unread != tc.want {
				t.Errorf("%s: %d unread; want %d", page.Last[0].Chat, page.States[0].Unread, tc.want)
			}
		}
	})
}

// A preview is cut before a character that has no room.
func TestPreview(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, open func() *store.Store) {
		st := open()
		commit(t, st, message("a:b", "aé😀z"))
		for preview, want := range []string{"aé😀z", "a", "a", "aé", "aé", "aé", "aé", "aé😀", "aé😀z"} {
			page := inbox(t, st, store.InboxQuery{Member: "a", Limit: 1, Preview: preview})
			if got := page.Last[0].Text; got != want {
				t.Errorf("%d bytes: %q; want %q", preview, got, want)
			}
		}
	})
}
