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

func TestTextsComeBackByteForByte(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, open func() *store.Store) {
		st := open()
		texts := []string{
			"plain", " spaces ", "line\nbreak\r\n\ttab", "😀👩‍👩‍👧", "שלום עולם", `'"\%_\0`, "a\u0301",
			strings.Repeat("é", chat.MaxTextBytes/2), "?", "\x01\x7f", "$1 :name @p",
		}
		var messages []*store.Send
		for _, text := range texts {
			messages = append(messages, message("a:b", text))
		}
		commit(t, st, messages...)
		for i, got := range storetest.All(t, st, "a:b") {
			if got.Text != texts[i] {
				t.Errorf("text %d = %q; want %q", i, got.Text, texts[i])
			}
		}
	})
}

// Names that differ in bytes are different chats, on every database.
func TestNamesAreEqualByBytes(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, open func() *store.Store) {
		st := open()
		names := []string{"a:e", "a:é", "a:E", "a:ß", "a:ss", "a:\u0430", "a:ﬁ"}
		for _, name := range names {
			commit(t, st, message(name, name))
		}
		for _, name := range names {
			if got := storetest.All(t, st, name); len(got) != 1 || got[0].Text != name {
				t.Errorf("chat %q holds %v", name, got)
			}
		}
	})
}

func TestPageEndsByBytes(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, open func() *store.Store) {
		st := open()
		text := strings.Repeat("x", chat.MaxTextBytes)
		for range 3 {
			var messages []*store.Send
			for range 50 {
				messages = append(messages, message("a:b", text))
			}
			commit(t, st, messages...)
		}
		for _, reverse := range []bool{false, true} {
			var lengths []int
			for q := (store.Query{Chat: "a:b", Limit: chat.MaxLimit, Reverse: reverse}); ; {
				page := read(t, st, q)
				lengths = append(lengths, len(page.Messages))
				q.Cursor = page.NextCursor
				if !page.HasMore {
					break
				}
			}
			// 64 texts of 16 KiB are 1 MiB.
			if got := fmt.Sprint(lengths); got != "[64 64 22]" {
				t.Errorf("reverse %v: pages of %s messages; want [64 64 22]", reverse, got)
			}
		}
	})
}

// A pull is one range read of the clustered index, however deep it reads. It reads no
// row that the page does not show, except the one that tells of more.
func TestPageIsOneRangeRead(t *testing.T) {
	t.Parallel()
	st := storetest.Open(t, storetest.Dialector(t, storetest.MySQL(t)))
	var messages []*store.Send
	const chats = 4
	for i := range store.MaxBatch {
		messages = append(messages, message(fmt.Sprintf("a:b%d", i%chats), "x"))
	}
	commit(t, st, messages...)
	execute(t, st, "ANALYZE TABLE messages")
	for name, q := range map[string]store.Query{
		"first page":  {Chat: "a:b1", Limit: 10},
		"deep":        {Chat: "a:b1", Limit: 10, Cursor: messages[400].SendTime},
		"reverse":     {Chat: "a:b1", Limit: 10, Reverse: true},
		"deep, back":  {Chat: "a:b1", Limit: 10, Cursor: messages[400].SendTime, Reverse: true},
		"large pages": {Chat: "a:b1", Limit: chat.MaxLimit},
	} {
		sql, args := store.PageSQL(q)
		if plan := st.Explain(t, sql, args); plan.Key != "PRIMARY" || strings.Contains(plan.Extra, "filesort") {
			t.Errorf("%s: plan = %+v; want PRIMARY without filesort", name, plan)
		}
		shown := min(q.Limit, store.MaxBatch/chats)
		if got := costOf(t, st, sql, args); got.indexed > shown+2 || got.scanned+got.sorted > 0 {
			t.Errorf("%s: cost of %d messages = %+v; want one range read", name, shown, got)
		}
	}
}

func TestPageRefusesWhenAllConnectionsAreInUse(t *testing.T) {
	t.Parallel()
	st := storetest.Open(t, storetest.SQLite(t))
	release := st.HoldPulls()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := st.Page(ctx, store.Query{Chat: "a:b", Limit: 1}); !errors.Is(err, store.ErrBusy) {
		t.Errorf("Page = %v; want ErrBusy", err)
	}
	commit(t, st, message("a:b", "commits have a connection of their own"))
	if _, err := st.Clock(t.Context()); err != nil {
		t.Errorf("Clock = %v; health checks have a connection of their own", err)
	}
	release()
	if got := storetest.All(t, st, "a:b"); len(got) != 1 {
		t.Errorf("%d messages; want 1", len(got))
	}
}

// A pull that would wait for most of its time is refused at once. One with more time
// waits.
func TestPageRefusesALongWait(t *testing.T) {
	t.Parallel()
	st := storetest.Open(t, storetest.SQLite(t))
	query := store.Query{Chat: "a:b", Limit: 1}
	release := st.HoldPulls()
	held := time.Now()
	patient := make(chan error)
	const waiting = 20 // more than there are connections
	for range waiting {
		go func() {
			ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
			defer cancel()
			_, err := st.Page(ctx, query)
			patient <- err
		}()
	}
	// Reads that have not ended after a second will take longer still. Behind those who
	// wait, a pull's turn would come after two.
	storetest.Await(t, func() bool { return st.WaitingPulls() == waiting && time.Since(held) > time.Second })
	ctx, cancel := context.WithTimeout(t.Context(), 8*time.Second)
	defer cancel()
	if _, err := st.Page(ctx, query); !errors.Is(err, store.ErrBusy) || ctx.Err() != nil {
		t.Errorf("Page = %v, its deadline: %v; want ErrBusy at once", err, ctx.Err())
	}
	release()
	for range waiting {
		if err := <-patient; err != nil {
			t.Errorf("a pull that had the time: %v", err)
		}
	}
	if n := st.WaitingPulls(); n != 0 {
		t.Errorf("%d pulls wait; want none", n)
	}
}
