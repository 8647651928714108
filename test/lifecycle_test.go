package test

import (
	"fmt"
	"net/http"
	"slices"
	"testing"
	"time"

	"example.com/im/rpc-server/store/storetest"
	"example.com/im/test/process"
)

// Each part may start before the parts that it needs. It waits for them, says so, and
// serves as soon as they are there.
func TestStartInAnyOrder(t *testing.T) {
	t.Parallel()
	ownSystem(t)
	database, err := storetest.StartMariaDB(t, t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	dsn := database.Create(t, "im")
	database.Stop()
	t.Cleanup(database.Kill)
	etcdAddr := storetest.Reserve(t)

	g := process.StartGateway(t, etcdAddr)
	process.Await(t, time.Minute, "the gateway is alive", func() bool { return process.Status(g.URL+"/healthz") == http.StatusOK })
	c := newClient(t, g.URL)
	c.do(t, http.MethodGet, "/readyz", "").wantError(t, http.StatusServiceUnavailable, "unavailable", "rpc-server")
	r, err := c.post(t.Context(), newChat(), "x", "x")
	if err != nil || r.status == http.StatusOK {
		t.Errorf("send = %d %s, %v; want an error", r.status, r.body, err)
	}
	process.Await(t, time.Minute, "the gateway says what it waits for", func() bool { return g.Log().Contains("waiting for an rpc-server") })

	rpc := process.StartRPCServer(t, etcdAddr, dsn)
	process.Await(t, time.Minute, "the rpc-server says what it waits for", func() bool { return rpc.Log().Contains("waiting for the database") })
	if err := database.Start(); err != nil {
		t.Fatal(err)
	}
	process.Await(t, time.Minute, "the rpc-server says what it waits for", func() bool { return rpc.Log().Contains("not registered") })
	c.do(t, http.MethodGet, "/readyz", "").wantError(t, http.StatusServiceUnavailable, "unavailable", "rpc-server")

	process.StartEtcd(t, etcdAddr)
	g.AwaitReady(t)
	c.send(t, "john:doe", "john", "x")
	for _, log := range []*process.Log{g.Log(), rpc.Log()} {
		wantCalmLog(t, log)
	}
}

// wantCalmLog checks that a log is JSON, with a line for each change and not for each
// second that passes. (Each failed request may have a line, too.)
func wantCalmLog(t *testing.T, log *process.Log) {
	t.Helper()
	lines, records := log.Lines(), log.Records()
	if len(records) != len(lines) {
		t.Errorf("only %d of %d lines are JSON", len(records), len(lines))
	}
	records = slices.DeleteFunc(records, func(r map[string]any) bool { return r["msg"] == "request failed" })
	const most = 25
	if len(records) > most {
		t.Errorf("%d lines; want at most %d", len(records), most)
	}
}

// Each part is stopped and started in turn, under load. A stopping rpc-server leaves
// etcd at once and serves until every gateway has noticed. A stopping gateway says on
// /readyz that clients should go elsewhere. So no request fails at clients that do.
func TestRollingRestart(t *testing.T) {
	t.Parallel()
	ownSystem(t)
	const drain = 8 * time.Second
	s := process.StartSystem(t, storetest.MySQL(t), append(patientSettings, fmt.Sprint("DRAIN_DELAY=", drain))...)
	tr := startTraffic(t, trafficOf([]string{s.Gateways[1].URL}, 8, 8, 20*time.Millisecond))
	tr.awaitFlow(t)

	for _, r := range s.RPCServers {
		r.Terminate()
		process.Await(t, drain, "the stopping rpc-server has left etcd", func() bool {
			registered, known := s.Registered(t, r)
			return known && !registered
		})
		startAgain(t, r.Process)
		r.AwaitReady(t)
		s.AwaitRegistered(t, r, true)
		tr.awaitFlow(t)
	}
	for i, g := range s.Gateways {
		g.Terminate()
		process.Await(t, drain, "the stopping gateway is not ready", func() bool {
			return process.Status(g.URL+"/readyz") == http.StatusServiceUnavailable
		})
		tr.Redirect(s.Gateways[1-i].URL)
		startAgain(t, g.Process)
		g.AwaitReady(t)
		tr.awaitFlow(t)
	}
	tr.finish(t)
	tr.wantNoFailure(t)
}

// startAgain waits for the end of a part that stops, and starts it again.
func startAgain(t *testing.T, p *process.Process) {
	t.Helper()
	if status := p.Wait(t); status != 0 {
		t.Errorf("exit status %d; want 0", status)
	}
	p.Restart(t)
}

// A stop in the first second is clean, too: Kitex has hardly begun then, and the
// registration is under way.
func TestStopAtOnce(t *testing.T) {
	t.Parallel()
	ownSystem(t)
	etcd := process.StartEtcd(t, storetest.Reserve(t))
	etcd.AwaitReady(t)
	dsn := storetest.MySQL(t)
	t.Run("after", func(t *testing.T) {
		for _, delay := range []time.Duration{0, 20 * time.Millisecond, 100 * time.Millisecond, 400 * time.Millisecond, 990 * time.Millisecond} {
			t.Run(delay.String(), func(t *testing.T) {
				t.Parallel()
				stopAfter(t, etcd.Addr, dsn, delay)
			})
		}
	})
	process.Await(t, 3*time.Second, "no address is left behind, well before its lease ends", func() bool {
		addrs, err := etcd.Registered(t.Context())
		return err == nil && len(addrs) == 0
	})
	rpc := process.StartRPCServer(t, etcd.Addr, "root@tcp("+storetest.Reserve(t)+")/im")
	process.Await(t, time.Minute, "the rpc-server waits", func() bool { return rpc.Log().Contains("waiting for the database") })
	rpc.Stop(t)
}

// stopAfter stops an rpc-server and a gateway some time after they have bound
// their addresses.
func stopAfter(t *testing.T, etcd, dsn string, delay time.Duration) {
	rpc := process.StartRPCServer(t, etcd, dsn)
	g := process.StartGateway(t, etcd)
	for _, p := range []*process.Process{rpc.Process, g.Process} {
		process.Await(t, time.Minute, "the program has bound its address", func() bool { return p.Log().Contains(`"serving"`) })
	}
	time.Sleep(delay) // what is tested
	rpc.Stop(t)
	g.Stop(t)
	for _, p := range []*process.Process{rpc.Process, g.Process} {
		if p.Log().Contains("panic") {
			t.Error("a panic")
		}
	}
}

// A request's id leads through the logs of both services.
func TestRequestIDInLogs(t *testing.T) {
	t.Parallel()
	ownSystem(t)
	s := process.StartSystem(t, storetest.MySQL(t), "LOG_LEVEL=debug")
	c := newClient(t, s.URLs()...)
	for _, path := range []string{"/api/pull?chat=a:b", "/api/pull?chat=a:b&limit=-1"} {
		id := newChat()
		c.do(t, http.MethodGet, path, "", "X-Request-ID", id)
		process.Await(t, time.Minute, "the id is in the logs of both services", func() bool {
			return slices.ContainsFunc(s.Gateways, func(g *process.Gateway) bool { return logsRequest(g.Log(), id) }) &&
				slices.ContainsFunc(s.RPCServers, func(r *process.RPCServer) bool { return logsRequest(r.Log(), id) })
		})
	}
}

// logsRequest reports whether a record has the request's id.
func logsRequest(log *process.Log, id string) bool {
	return slices.ContainsFunc(log.Records(), func(record map[string]any) bool { return record["request_id"] == id })
}
