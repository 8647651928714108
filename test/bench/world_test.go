package bench

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"example.com/im/rpc-server/store/storetest"
	"example.com/im/test/bench/load"
	"example.com/im/test/bench/report"
	"example.com/im/test/bench/usage"
	"example.com/im/test/process"
)

// A world is what is measured, and what measures. Its systems are started when
// they are first asked for.
type world struct {
	*testing.T // of the scenario
	ctx        context.Context
	scale      scale
	dir, out   string // of the database, and for the results
	report     *report.Report
	mariadb    *storetest.Server
	run        *testing.T // of the whole run
	program    string     // subject
	systems    map[string]*system
	pools      map[poolKey]*load.Pool // of the scenario
	tally      *tally
}

// newWorld starts the database.
func newWorld(ctx context.Context, t *testing.T, size scale) *world {
	t.Helper()
	w := &world{T: t, run: t, ctx: ctx, scale: size, dir: t.TempDir(), out: *outDir, systems: make(map[string]*system), tally: &tally{}}
	if w.out == "" {
		w.out = t.TempDir()
	}
	var err error
	if w.mariadb, err = storetest.StartMariaDB(t, w.dir, databaseArgs(size)...); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(w.mariadb.Kill)
	w.report = newReport(w)
	w.program = buildSubject(t)
	return w
}

// in returns the world as a scenario has it, whose test is t.
func (w *world) in(t *testing.T) *world {
	scenario := *w
	scenario.T, scenario.pools = t, make(map[poolKey]*load.Pool)
	return &scenario
}

// section adds a section to the report.
func (w *world) section(title, note string) *report.Section {
	s := &report.Section{Name: filepath.Base(w.Name()), Title: title, Note: note}
	w.report.Sections = append(w.report.Sections, s)
	return s
}

// buildSubject builds the program that the product is compared with, as the
// product is built.
func buildSubject(t *testing.T) (path string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "subject")
	cmd := exec.Command("go", "build", "-o", path, "./subject")
	cmd.Env = append(os.Environ(), "GOWORK=off")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("build subject: %v\n%s", err, out)
	}
	return path
}

// A system is a subject of several processes.
type system struct {
	*process.System
	url       string
	dsn       string
	processes usage.Processes
}

// A spec says what a system is made of. An empty SUBJECT is the product.
type spec struct {
	database   string // "": none
	gateway    string // SUBJECT
	rpc        string // SUBJECT
	rpcServers int
	settings   []string // of the product's processes
}

// specs are the systems that several scenarios use.
var specs = map[string]spec{
	"ceiling": {gateway: "gateway", rpc: "empty", rpcServers: 1},
	"hops":    {rpc: "empty", rpcServers: 1},
	"naive":   {database: "naive", gateway: "gateway", rpc: "naive", rpcServers: 1},
	"ours":    {database: "ours", rpcServers: 1},
}

// system returns one of the specs' systems, with messages in its chats if it keeps
// any. It runs on until the end of the run.
func (w *world) system(name string) *system {
	w.Helper()
	if s := w.systems[name]; s != nil {
		return s
	}
	s := w.start(w.run, specs[name])
	if s.dsn != "" {
		w.fill(s.dsn, filling{chats: w.scale.chats, each: w.scale.fill, lanes: name == "ours"})
	}
	w.systems[name] = s
	return s
}

// start starts a system that runs until the end of t, and waits until it serves.
func (w *world) start(t *testing.T, s spec) *system {
	t.Helper()
	etcd := process.StartEtcd(t, storetest.Reserve(t))
	started := &system{System: &process.System{Etcd: etcd}, processes: usage.Processes{"load": {os.Getpid()}}}
	if s.database != "" {
		started.dsn = w.database(s.database)
		started.processes["database"] = []int{w.mariadb.PID()}
	}
	for range s.rpcServers {
		r := process.StartRPCServerAs(t, w.binary("rpc-server", s.rpc), etcd.Addr, started.dsn, s.environment(s.rpc)...)
		started.RPCServers = append(started.RPCServers, r)
		started.processes["rpc-server"] = append(started.processes["rpc-server"], r.PID())
	}
	g := process.StartGatewayAs(t, w.binary("http-server", s.gateway), etcd.Addr, s.environment(s.gateway)...)
	started.Gateways = []*process.Gateway{g}
	started.processes["gateway"] = []int{g.PID()}
	started.url = g.URL
	started.AwaitReady(t)
	return started
}

// binary returns the program of a service of the product, or of what stands in its
// place.
func (w *world) binary(service, subject string) string {
	if subject == "" {
		return process.Shipped(w, service)
	}
	return w.program
}

// environment returns the settings of a process.
func (s spec) environment(subject string) []string {
	if subject == "" {
		return append([]string{"MAX_CONNECTIONS_PER_CLIENT=0"}, s.settings...) // all connections come from here
	}
	return []string{fmt.Sprintf("SUBJECT=%s", subject)}
}
