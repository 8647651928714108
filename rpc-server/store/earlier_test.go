package store_test

import (
	"fmt"
	"strings"
	"testing"

	"example.com/im/rpc-server/store"
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
