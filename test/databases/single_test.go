package databases

import (
	"testing"
	"time"

	"example.com/im/rpc-server/store/storetest"
	"example.com/im/rpc-server/store/storetest/cluster"
	"example.com/im/test/fault"
)

func startMariaDB(w *world) (database, error) { return w.single(storetest.StartMariaDB) }

func startMariaDB118(w *world) (database, error) { return w.single(storetest.StartMariaDB118) }

func startMySQL(w *world) (database, error) { return w.single(storetest.StartMySQL) }

// startTiDB starts a TiDB. Its embedded store does not sync, so the test does not kill
// it. A real TiDB keeps its data in TiKV.
func startTiDB(w *world) (database, error) {
	server, err := cluster.StartTiDB(w, w.TempDir())
	if err != nil {
		return database{}, err
	}
	w.Cleanup(server.Kill)
	d := w.alone(server)
	d.faults = append(d.faults, fault.Fault{Name: "server stopped and started", Begin: func() (func(), time.Duration) {
		server.Stop()
		return func() { w.must(server.Start()) }, w.between(0, 4*time.Second)
	}})
	return d, nil
}

// single starts one server, which can be killed.
func (w *world) single(start func(t testing.TB, dir string, args ...string) (*storetest.Server, error)) (database, error) {
	server, err := start(w, w.TempDir())
	if err != nil {
		return database{}, err
	}
	w.Cleanup(server.Kill)
	d := w.alone(server)
	d.faults = append(d.faults, fault.Fault{Name: "server killed", Begin: func() (func(), time.Duration) {
		server.Kill()
		return func() { w.must(server.Start()) }, w.between(0, 4*time.Second)
	}})
	return d, nil
}

// alone is a database on one server, with the faults that leave it running. The second
// system reaches it through a proxy.
func (w *world) alone(server *storetest.Server) database {
	w.Helper()
	direct := server.Create(w, "im")
	proxy, proxied := storetest.Proxied(w, direct)
	return database{dsns: [2]string{direct, proxied}, version: w.ask(direct, "SELECT VERSION()"), faults: []fault.Fault{
		{Name: "server frozen", Begin: func() (func(), time.Duration) {
			server.Freeze()
			return server.Thaw, w.between(2*time.Second, 15*time.Second)
		}},
		{Name: "connections cut", Begin: func() (func(), time.Duration) {
			proxy.CutAll()
			return fault.Nothing, 0
		}},
		{Name: "answers to COMMIT lost", Begin: func() (func(), time.Duration) {
			proxy.SetRule(storetest.On("\x03COMMIT", storetest.Answer))
			return func() { proxy.SetRule(nil) }, w.between(2*time.Second, 4*time.Second)
		}},
	}}
}
