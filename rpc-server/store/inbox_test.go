package store_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"example.com/im/idl/chat"
	"example.com/im/rpc-server/store"
	"example.com/im/rpc-server/store/storetest"
)

// inbox reads one page.
func inbox(t testing.TB, st *store.Store, q store.InboxQuery) store.Inbox {
	t.Helper()
	page, err := st.Inbox(t.Context(), q)
	if err != nil {
		t.Fatal(err)
	}
	return page
}

// wholeInbox reads an inbox to its end, in pages of limit chats.
func wholeInbox(t testing.TB, st *store.Store, member string, limit int) (last []store.Message) {
	t.Helper()
	for q := (store.InboxQuery{Member: member, Limit: limit}); ; {
		page := inbox(t, st, q)
		if last = append(last, page.Last...); !page.HasMore {
			return last
		}
		if len(last) > chat.MaxLimit {
			t.Fatalf("the inbox of %q has no end", member)
		}
		q.After = page.Next()
	}
}

// chatsOf names the chats of messages.
func chatsOf(messages []store.Message) string {
	names := make([]string, len(messages))
	for i, m := range messages {
		names[i] = string(m.Chat)
	}
	return strings.Join(names, " ")
}

// An inbox shows each chat once with its last message, the newest first, to each member
// and to nobody else.
func TestInbox(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, open func() *store.Store) {
		st, other := open(), open()
		commit(t, st, message("a:b", "1"), message("b:b", "notes"), message("a:b", "2"))
		commit(t, other, message("a:c", "3"))
		commit(t, st, message("a:b", "4"))
		for member, want := range map[string]string{
			"a": "a:b a:c", "b": "a:b b:b", "c": "a:c", "d": "", "A": "", "": "", "a:b": "", "%": "",
		} {
			for limit := 1; limit <= 3; limit++ {
				got := wholeInbox(t, other, member, limit)
				if chatsOf(got) != want {
					t.Errorf("chats of %q, by %d: %s; want %s", member, limit, chatsOf(got), want)
				}
			}
		}
		if last := wholeInbox(t, other, "a", 10)[0]; last.Text != "4" || last.Sender != "a" || last.SendTime == 0 {
			t.Errorf("last message = %+v; want 4 of a", last)
		}
		if page := inbox(t, st, store.InboxQuery{Member: "d", Limit: 1}); page.HasMore {
			t.Error("nobody's inbox has more")
		}
	})
}

// Chats whose last messages have the same time come by name, also across pages.
func TestInboxOfEqualTimes(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, open func() *store.Store) {
		st := open()
		var batch []*store.Send
		lanes := map[int]bool{}
		for i := 0; len(batch) < 6; i++ {
			if m := message(fmt.Sprintf("a:é%d", i), "x"); !lanes[m.Chat.Lane()] {
				lanes[m.Chat.Lane()] = true
				batch = append(batch, m)
			}
		}
		at := time.Now()
		if err := st.Commit(batch, func() time.Time { return at }); err != nil {
			t.Fatal(err)
		}
		commit(t, st, message("a:z", "the newest"))
		var want []string
		for _, m := range batch {
			want = append(want, string(m.Chat))
			if m.SendTime != batch[0].SendTime {
				t.Fatalf("the times differ: %d, %d", m.SendTime, batch[0].SendTime)
			}
		}
		for limit := 1; limit <= 8; limit++ {
			if got := chatsOf(wholeInbox(t, st, "a", limit)); got != "a:z "+strings.Join(want, " ") {
				t.Errorf("by %d: %s; want a:z and %s", limit, got, want)
			}
		}
	})
}

// A page ends before its texts pass 1 MiB: 64 of the longest fill it.
func TestInboxEndsByBytes(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, open func() *store.Store) {
		st := open()
		var batch []*store.Send
		for i := range 130 {
			batch = append(batch, message(fmt.Sprintf("a:b%d", i), strings.Repeat("x", chat.MaxTextBytes)))
		}
		commit(t, st, batch...)
		var lengths []int
		for q := (store.InboxQuery{Member: "a", Limit: chat.MaxLimit}); ; {
			page := inbox(t, st, q)
			lengths = append(lengths, len(page.Last))
			if !page.HasMore {
				break
			}
			q.After = page.Next()
		}
		if got := fmt.Sprint(lengths); got != "[64 64 2]" {
			t.Errorf("pages of %s chats; want [64 64 2]", got)
		}
	})
}

// A caller pages while others write. It meets each chat that gets no message meanwhile
// once, and none twice.
func TestInboxWhileOthersWrite(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, open func() *store.Store) {
		const chats, moving = 60, 3 // of three chats one gets messages
		writer, reader := open(), open()
		for i := range chats {
			commit(t, writer, message(fmt.Sprintf("a:b%d", i), "x"))
		}
		for round := range 7 {
			next := round
			seen := map[chat.Name]bool{}
			at := time.Now().UnixMicro() + int64(time.Hour/time.Microsecond)
			for q := (store.InboxQuery{Member: "a", Limit: 1 + round*2}); ; {
				page := inbox(t, reader, q)
				for _, m := range page.Last {
					if seen[m.Chat] || m.SendTime > at {
						t.Fatalf("%s comes twice, or %d after %d", m.Chat, m.SendTime, at)
					}
					seen[m.Chat], at = true, m.SendTime
				}
				if !page.HasMore {
					break
				}
				q.After = page.Next()
				next += moving
				commit(t, writer, message(fmt.Sprintf("a:b%d", next%chats/moving*moving), "y"), message(fmt.Sprintf("a:new%d", next%20), "z"))
			}
			for i := range chats {
				if name := chat.Name(fmt.Sprintf("a:b%d", i)); i%moving != 0 && !seen[name] {
					t.Fatalf("%s, which got no message, is missed", name)
				}
			}
		}
	})
}

// Inboxes have read slots of their own, and wait for them as pulls do for theirs.
func TestInboxRefusesWhenAllConnectionsAreInUse(t *testing.T) {
	t.Parallel()
	st := storetest.Open(t, storetest.SQLite(t))
	commit(t, st, message("a:b", "x"))
	release := st.HoldSnapshots()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	q := store.InboxQuery{Member: "a", Limit: 1}
	if _, err := st.Inbox(ctx, q); !errors.Is(err, store.ErrBusy) {
		t.Errorf("Inbox = %v; want ErrBusy", err)
	}
	release()
	if page := inbox(t, st, q); len(page.Last) != 1 {
		t.Errorf("%d chats; want 1", len(page.Last))
	}
	st.HoldSnapshots() // all have been given back
	if err := st.Close(); err != nil {
		t.Fatal(err)
	}
}

// The caller learns of a failure of the database, however far the read has come.
func TestInboxWithoutDatabase(t *testing.T) {
	t.Parallel()
	proxy, proxied, direct := storetest.ThroughProxy(t)
	commit(t, direct, message("a:b", "x"))
	q := store.InboxQuery{Member: "a", Limit: 1}
	inbox(t, proxied, q) // the statement is prepared there
	proxy.CutAll()
	proxy.SetRule(func([]byte) storetest.Action { return storetest.Cut })
	if _, err := proxied.Inbox(t.Context(), q); !errors.Is(err, store.ErrUnavailable) {
		t.Errorf("Inbox = %v; want ErrUnavailable", err)
	}
	proxy.SetRule(nil)
	if page := inbox(t, proxied, q); len(page.Last) != 1 {
		t.Errorf("%d chats; want 1", len(page.Last))
	}
	execute(t, direct, "DROP TABLE members")
	if _, err := proxied.Inbox(t.Context(), q); err == nil || store.Unavailable(err) {
		t.Errorf("Inbox = %v; want a defect", err)
	}
}
