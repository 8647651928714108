package store_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"example.com/im/idl/chat"
	"example.com/im/rpc-server/store"
	"example.com/im/rpc-server/store/storetest"
)

func TestMain(m *testing.M) { os.Exit(storetest.Main(m)) }

func TestOpenAtOnce(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, open func() *store.Store) {
		start := make(chan struct{})
		var wg sync.WaitGroup
		for range 6 {
			wg.Go(func() {
				<-start
				commit(t, open(), message("a:b", "x"))
			})
		}
		close(start)
		wg.Wait()
		if got := all(t, open(), "a:b"); len(got) != 6 {
			t.Errorf("%d messages; want 6", len(got))
		}
	})
}

func TestOpenRefusesOtherLanes(t *testing.T) {
	t.Parallel()
	dsn := storetest.MySQL(t)
	for name, tc := range map[string]struct{ damage, mend string }{
		"a row is missing":  {"DELETE FROM lanes WHERE id = 17", "INSERT INTO lanes VALUES (17, 0)"},
		"a row too many":    {"INSERT INTO lanes VALUES (64, 0)", "DELETE FROM lanes WHERE id = 64"},
		"another numbering": {"UPDATE lanes SET id = 64 WHERE id = 0", "UPDATE lanes SET id = 0 WHERE id = 64"},
	} {
		st := storetest.Open(t, storetest.Dialector(t, dsn))
		execute(t, st, tc.damage)
		_, err := store.Open(t.Context(), storetest.Dialector(t, dsn), store.Options{})
		if !errors.Is(err, store.ErrLanes) || store.Unavailable(err) {
			t.Errorf("%s: Open = %v; want ErrLanes", name, err)
		}
		execute(t, st, tc.mend)
	}
	storetest.Open(t, storetest.Dialector(t, dsn))
}

func TestOpenWithoutDatabase(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		dsn         string
		unavailable bool
	}{
		"nobody listens":   {"root@tcp(127.0.0.1:1)/im", true},
		"no such database": {strings.TrimSuffix(storetest.MySQL(t), "/") + "_missing", false},
	} {
		_, err := store.Open(t.Context(), storetest.Dialector(t, tc.dsn), store.Options{})
		if err == nil || store.Unavailable(err) != tc.unavailable {
			t.Errorf("%s: Open = %v; want an error with Unavailable %v", name, err, tc.unavailable)
		}
	}
}

func TestMySQLRefusesDSN(t *testing.T) {
	t.Parallel()
	for dsn, want := range map[string]string{
		"nonsense":                         "invalid DSN",
		"root:secret@tcp(db:3306)/":        "no database",
		"root:secret@tcp(db)/im?timeout=x": "invalid duration",
	} {
		_, err := store.MySQL(dsn)
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "secret") {
			t.Errorf("MySQL(%q) = %v; want %q, and no password", dsn, err, want)
		}
	}
}

// The settings that the promises rest on are those of each connection.
func TestConnectionSettings(t *testing.T) {
	t.Parallel()
	st := storetest.Open(t, storetest.Dialector(t, storetest.MySQL(t)))
	for variable, want := range map[string]string{
		"wait_timeout": "5", "innodb_lock_wait_timeout": "2", "collation_connection": "utf8mb4_bin",
	} {
		var got string
		if err := st.DB().QueryRow("SELECT @@" + variable).Scan(&got); err != nil || got != want {
			t.Errorf("@@%s = %q, %v; want %q", variable, got, err, want)
		}
	}
}

func TestWarnsOfWeakDurability(t *testing.T) {
	t.Parallel()
	weak, err := storetest.StartMariaDB(t, t.TempDir(), "--skip-log-bin")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(weak.Stop)
	for name, tc := range map[string]struct {
		dsn  string
		want bool
	}{
		"durable":       {storetest.MySQL(t), false},
		"no binary log": {weak.DSN("test"), true},
	} {
		if tc.want {
			execute(t, storetest.Open(t, storetest.Dialector(t, weak.DSN("mysql"))), "CREATE DATABASE test")
		}
		var log strings.Builder
		st, err := store.Open(t.Context(), storetest.Dialector(t, tc.dsn),
			store.Options{Log: slog.New(slog.NewTextHandler(&log, nil))})
		if err != nil {
			t.Fatal(err)
		}
		_ = st.Close()
		if got := strings.Contains(log.String(), "may lose"); got != tc.want {
			t.Errorf("%s: warned = %v; want %v: %s", name, got, tc.want, log.String())
		}
	}
}

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
		for i, got := range all(t, st, "a:b") {
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
			if got := all(t, st, name); len(got) != 1 || got[0].Text != name {
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

// A pull must be one range read of the clustered index, however deep it reads.
func TestPageIsOneRangeRead(t *testing.T) {
	t.Parallel()
	st := storetest.Open(t, storetest.Dialector(t, storetest.MySQL(t)))
	var messages []*store.Send
	for i := range store.MaxBatch {
		messages = append(messages, message(fmt.Sprintf("a:b%d", i%4), "x"))
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
		plan := st.Explain(t, q)
		if plan.Type != "range" || plan.Key != "PRIMARY" || strings.Contains(plan.Extra, "filesort") {
			t.Errorf("%s: plan = %+v; want a range read of PRIMARY without filesort", name, plan)
		}
	}
}

func TestPageRefusesWhenAllConnectionsAreInUse(t *testing.T) {
	t.Parallel()
	st := storetest.Open(t, storetest.SQLite(t))
	release := st.HoldPulls()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := st.Page(ctx, store.Query{Chat: "a:b", Limit: 1}); !errors.Is(err, store.ErrUnavailable) {
		t.Errorf("Page = %v; want ErrUnavailable", err)
	}
	commit(t, st, message("a:b", "commits have a connection of their own"))
	if _, err := st.Clock(t.Context()); err != nil {
		t.Errorf("Clock = %v; health checks have a connection of their own", err)
	}
	release()
	if got := all(t, st, "a:b"); len(got) != 1 {
		t.Errorf("%d messages; want 1", len(got))
	}
}

func TestClock(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, open func() *store.Store) {
		got, err := open().Clock(t.Context())
		if err != nil || time.Since(got).Abs() > 5*time.Second {
			t.Errorf("Clock = %v, %v; want about %v", got, err, time.Now())
		}
	})
}

// message returns a message that is not stored yet.
func message(name, text string) *store.Send {
	return &store.Send{Message: store.Message{Chat: chat.Name(name), Sender: "a", Text: text}}
}

// commit stores messages, again after conflicts, as the sequencer does.
func commit(t testing.TB, st *store.Store, messages ...*store.Send) {
	t.Helper()
	err := store.ErrConflict
	for errors.Is(err, store.ErrConflict) {
		err = st.Commit(messages, time.Now)
	}
	if err != nil {
		t.Error(err)
	}
}

// read reads one page.
func read(t testing.TB, st *store.Store, q store.Query) store.Page {
	t.Helper()
	page, err := st.Page(t.Context(), q)
	if err != nil {
		t.Fatal(err)
	}
	return page
}

// all reads a chat from its first message on.
func all(t testing.TB, st *store.Store, name string) []store.Message {
	t.Helper()
	var messages []store.Message
	for q := (store.Query{Chat: chat.Name(name), Limit: chat.MaxLimit}); ; {
		page := read(t, st, q)
		messages = append(messages, page.Messages...)
		q.Cursor = page.NextCursor
		if !page.HasMore {
			return messages
		}
	}
}

// execute runs one statement.
func execute(t testing.TB, st *store.Store, statement string) {
	t.Helper()
	if _, err := st.DB().Exec(statement); err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
}
