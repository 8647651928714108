package store_test

import (
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"example.com/im/rpc-server/store"
	"example.com/im/rpc-server/store/storetest"
)

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
		if got := storetest.All(t, open(), "a:b"); len(got) != 6 {
			t.Errorf("%d messages; want 6", len(got))
		}
	})
}

func TestOpenRefusesOtherLanes(t *testing.T) {
	t.Parallel()
	dsn := storetest.MySQL(t)
	for name, tc := range map[string]struct{ damage, mend string }{
		"a row is missing":  {"DELETE FROM lanes WHERE id = 17", "INSERT INTO lanes (id, last_send_time) VALUES (17, 0)"},
		"a row too many":    {"INSERT INTO lanes (id, last_send_time) VALUES (64, 0)", "DELETE FROM lanes WHERE id = 64"},
		"another numbering": {"UPDATE lanes SET id = 64 WHERE id = 0", "UPDATE lanes SET id = 0 WHERE id = 64"},
	} {
		st := storetest.Open(t, storetest.Dialector(t, dsn))
		execute(t, st, tc.damage)
		_, err := store.Open(t.Context(), storetest.Dialector(t, dsn), storetest.Config())
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
		_, err := store.Open(t.Context(), storetest.Dialector(t, tc.dsn), storetest.Config())
		if err == nil || store.Unavailable(err) != tc.unavailable {
			t.Errorf("%s: Open = %v; want an error with Unavailable %v", name, err, tc.unavailable)
		}
	}
}

// No error repeats the password, wherever a slip in the DSN puts it. Some of the
// driver's would.
func TestMySQLRefusesDSN(t *testing.T) {
	t.Parallel()
	for dsn, want := range map[string]string{
		"":                                    "no database",
		"nonsense":                            "missing the slash",
		"root:secret@tcp(db:3306)":            "missing the slash",
		"root:secret@tcp(db:3306)/":           "no database",
		"root:secret@tcp(db)/im?timeout=x":    "invalid duration",
		"root:secret@tcp(db)/im?tls=x":        "config name: x",
		"root:secret@tcp(db)/im?parseTime=x":  "bool value: x",
		"root:secret@tcp(db)/i%m":             "invalid dbname",
		"root:secret@tcp(db:3306/im":          "user:password@tcp",
		"root:secret@db:3306/im":              "user:password@tcp",
		"root:secret(db:3306)/im":             "user:password@tcp",
		"root:secret/im":                      "user:password@tcp",
		"root:secret/1@tcp(db:3306)":          "user:password@tcp",
		"root:1/secret%1@tcp(db:3306)":        "user:password@tcp",
		"mysql://root:secret@db:3306/im":      "user:password@tcp",
		"root:secret@tcp(db)/im?loc=Asia/Goa": "user:password@tcp",
	} {
		_, err := store.MySQL(dsn)
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "secret") {
			t.Errorf("MySQL(%q) = %v; want %q, and no password", dsn, err, want)
		}
	}
}

// Each connection has the settings on which the promises rest.
func TestConnectionSettings(t *testing.T) {
	t.Parallel()
	st := storetest.Open(t, storetest.Dialector(t, storetest.MySQL(t)))
	for variable, want := range map[string]string{
		"wait_timeout": "5", "net_read_timeout": "5", "innodb_lock_wait_timeout": "2", "collation_connection": "utf8mb4_bin",
	} {
		var got string
		if err := st.DB().QueryRow("SELECT @@" + variable).Scan(&got); err != nil || got != want {
			t.Errorf("@@%s = %q, %v; want %q", variable, got, err, want)
		}
	}
}

func TestWarnsOfWeakDurability(t *testing.T) {
	t.Parallel()
	weak := storetest.StartServer(t, "--skip-log-bin")
	for name, tc := range map[string]struct {
		dsn  string
		want bool
	}{
		"durable":       {storetest.MySQL(t), false},
		"no binary log": {weak.Create(t, "im"), true},
	} {
		var log strings.Builder
		st, err := store.Open(t.Context(), storetest.Dialector(t, tc.dsn),
			storetest.LogTo(&log))
		if err != nil {
			t.Fatal(err)
		}
		_ = st.Close()
		if got := strings.Contains(log.String(), "may lose"); got != tc.want {
			t.Errorf("%s: warned = %v; want %v: %s", name, got, tc.want, log.String())
		}
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
