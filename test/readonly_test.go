package test

import (
	"database/sql"
	"net/http"
	"strings"
	"testing"
	"time"

	"example.com/im/rpc-server/store/storetest"
	"example.com/im/test/process"
)

// An rpc-server waits at its start for a database that takes no writes. When the
// database is demoted later, the system is not ready, refuses sends and pulls as not
// stored, and says why once. It recovers by itself.
func TestReadOnlyDatabase(t *testing.T) {
	t.Parallel()
	ownSystem(t)
	database, err := storetest.StartMariaDB(t, t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(database.Kill)
	dsn := database.Create(t, "im")
	admin, err := sql.Open("mysql", database.DSN(""))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = admin.Close() })
	demoted := func(readOnly bool) {
		t.Helper()
		if _, err := admin.Exec("SET GLOBAL read_only = ?", readOnly); err != nil {
			t.Fatal(err)
		}
	}

	demoted(true)
	etcd := process.StartEtcd(t, storetest.Reserve(t))
	rpc, g := process.StartRPCServer(t, etcd.Addr, dsn), process.StartGateway(t, etcd.Addr)
	process.Await(t, time.Minute, "the rpc-server says what it waits for", func() bool {
		return strings.Contains(rpc.Log().String(), "waiting for the database") && rpc.Log().Contains("read-only")
	})
	demoted(false)
	g.AwaitReady(t)
	c := newClient(t, g.URL)
	c.send(t, "john:doe", "john", "before")

	for range 2 {
		demoted(true)
		for _, r := range []reply{
			c.do(t, http.MethodPost, "/api/send", `{"chat": "john:doe", "sender": "john", "text": "refused"}`),
			c.do(t, http.MethodGet, "/api/pull?chat=john:doe", ""),
			c.do(t, http.MethodGet, "/api/pull?chat=nobody:else", ""),
			c.do(t, http.MethodGet, "/api/chats?member=john", ""),
		} {
			r.wantError(t, http.StatusServiceUnavailable, "unavailable", "")
		}
		process.Await(t, time.Minute, "the gateway is not ready", func() bool {
			return process.Status(g.URL+"/readyz") == http.StatusServiceUnavailable
		})
		demoted(false)
		g.AwaitReady(t)
	}
	if got := c.pull(t, "chat", "john:doe").Messages; len(got) != 1 || got[0].Text != "before" {
		t.Errorf("messages = %v; want the one before the demotion", got)
	}
	wantCalmLog(t, rpc.Log())
}
