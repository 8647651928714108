package store_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"example.com/im/idl/chat"
	"example.com/im/rpc-server/store"
	"example.com/im/rpc-server/store/storetest"
)

// commitAsBefore stores a message as an instance of version 2 does: it makes rows in
// members, but knows nothing of their times, and moves the lane's clock alone.
func (w *world) commitAsBefore(t *testing.T, st *store.Store) {
	t.Helper()
	member := w.member()
	m := store.Message{Chat: w.pair(member), Sender: strings.ToUpper(member), Text: fmt.Sprint(w.r.Uint32())}
	lane := m.Chat.Lane()
	m.SendTime = max(w.clock.UnixMicro(), lanes(t, st)[lane]+1)
	first, second := m.Chat.Members()
	run := func(sql string, args ...any) {
		t.Helper()
		if _, err := st.DB().Exec(sql, args...); err != nil {
			t.Fatal(err)
		}
	}
	if len(w.messages[m.Chat]) == 0 {
		run("INSERT INTO members (member, chat) VALUES (?, ?)", first, string(m.Chat))
		if second != first {
			run("INSERT INTO members (member, chat) VALUES (?, ?)", second, string(m.Chat))
		}
	}
	run("INSERT INTO messages (chat, send_time, sender, text) VALUES (?, ?, ?, ?)", string(m.Chat), m.SendTime, m.Sender, m.Text)
	run("UPDATE lanes SET last_send_time = ? WHERE id = ?", m.SendTime, lane)
	w.messages[m.Chat] = append(w.messages[m.Chat], m)
}

// takeOver accounts for what earlier versions have stored, after which nothing of it is
// left to do.
func takeOver(t *testing.T, st *store.Store) {
	t.Helper()
	for want := range 2 {
		did, err := st.TakeOver(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if want == 1 && did {
			t.Fatal("what was taken over is taken over again")
		}
	}
	var behind int
	if err := st.DB().QueryRow("SELECT COUNT(*) FROM lanes WHERE unaccounted > 0 OR accounted <> last_send_time").Scan(&behind); err != nil || behind > 0 {
		t.Fatalf("%d lanes are not accounted for, %v", behind, err)
	}
}

// An earlier version that makes chats while they are taken over leaves none that an inbox
// misses, and a takeover that it has overtaken is not the last.
func TestTakeOverWhileAnEarlierVersionWrites(t *testing.T) {
	t.Parallel()
	const chats = 300
	st := storetest.Open(t, storetest.Dialector(t, storetest.MySQL(t)))
	written := make(chan error, 1)
	go func() {
		for i := range chats {
			if err := makeAsBefore(st, chat.Name(fmt.Sprintf("a:b%03d", i))); err != nil {
				written <- err
				return
			}
		}
		written <- nil
	}()
	for writing := true; writing; {
		if _, err := st.TakeOver(t.Context()); err != nil {
			t.Fatal(err)
		}
		select {
		case err := <-written:
			if writing = false; err != nil {
				t.Fatal(err)
			}
		default:
		}
	}
	takeOver(t, st)
	if got := len(wholeInbox(t, st, "a", 50)); got != chats {
		t.Errorf("the inbox shows %d chats; want %d", got, chats)
	}
}

// makeAsBefore makes a chat in a transaction of version 2.
func makeAsBefore(st *store.Store, name chat.Name) error {
	tx, err := st.DB().Begin()
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }()
	var last int64
	if err := tx.QueryRow("SELECT last_send_time FROM lanes WHERE id = ? FOR UPDATE", name.Lane()).Scan(&last); err != nil {
		return err
	}
	at := max(last+1, time.Now().UnixMicro())
	first, second := name.Members()
	for _, s := range []struct {
		sql  string
		args []any
	}{
		{"INSERT INTO members (member, chat) VALUES (?, ?), (?, ?)", []any{first, string(name), second, string(name)}},
		{"INSERT INTO messages (chat, send_time, sender, text) VALUES (?, ?, 'a', 'x')", []any{string(name), at}},
		{"UPDATE lanes SET last_send_time = ? WHERE id = ?", []any{at, name.Lane()}},
	} {
		if _, err := tx.Exec(s.sql, s.args...); err != nil {
			return err
		}
	}
	return tx.Commit()
}
