package test

import (
	"testing"
	"time"

	"example.com/im/rpc-server/store/storetest"
	"example.com/im/test/process"
)

// etcd may go away for longer than any lease, and come back with or without what
// it knew: traffic goes on with the instances known, and they are registered
// again, for good (P6).
func TestEtcdOutage(t *testing.T) {
	t.Parallel()
	ownSystem(t)
	s := process.StartSystem(t, storetest.MySQL(t))
	tr := startTraffic(t, trafficOf(s.URLs(), 4, 4, 10*time.Millisecond))
	tr.awaitFlow(t, time.Minute)

	s.Etcd.Kill()
	tr.flowFor(t, lease+2*time.Second)
	s.Etcd.Restart(t)
	s.Etcd.AwaitReady(t)
	tr.flowFor(t, lease+2*time.Second) // until the leases that etcd still knew are over
	awaitAllRegistered(t, s)

	s.Etcd.Kill()
	s.Etcd.Wipe(t)
	s.Etcd.Restart(t)
	s.Etcd.AwaitReady(t)
	awaitAllRegistered(t, s)
	tr.awaitFlow(t, 10*time.Second)
	tr.finish(t)
	tr.wantNoFailure(t)

	// A gateway that starts now finds the instances.
	process.StartGateway(t, s.Etcd.Addr).AwaitReady(t)
}

func awaitAllRegistered(t *testing.T, s *process.System) {
	t.Helper()
	for _, r := range s.RPCServers {
		s.AwaitRegistered(t, r, true)
	}
}

// Of two rpc-servers one dies. What was acknowledged is there, the other serves,
// and the dead one's address leaves etcd with its lease (P6).
func TestKillRPCServer(t *testing.T) {
	t.Parallel()
	ownSystem(t)
	s := process.StartSystem(t, storetest.MySQL(t))
	tr := startTraffic(t, trafficOf(s.URLs(), 8, 8, 5*time.Millisecond))
	tr.awaitFlow(t, time.Minute)

	killed := s.RPCServers[0]
	killed.Kill()
	tr.awaitFlow(t, 10*time.Second)
	process.Await(t, 2*lease, "the dead rpc-server's address has left etcd", func() bool {
		registered, known := s.Registered(t, killed)
		return known && !registered
	})
	before := len(tr.Failures())
	tr.awaitFlow(t, 10*time.Second)
	if failures := tr.Failures()[before:]; len(failures) > 0 {
		t.Errorf("still %d requests failed, such as %s", len(failures), failures[0])
	}

	killed.Restart(t)
	killed.AwaitReady(t)
	s.AwaitRegistered(t, killed, true)
	tr.awaitFlow(t, 10*time.Second)
	tr.finish(t)
}

// Of two rpc-servers one freezes, perhaps in the middle of a commit. The other
// serves; when the frozen one goes on, it does no harm to the order (P1, P6).
func TestFreezeRPCServer(t *testing.T) {
	t.Parallel()
	ownSystem(t)
	s := process.StartSystem(t, storetest.MySQL(t))
	tr := startTraffic(t, trafficOf(s.URLs(), 8, 16, 5*time.Millisecond))
	tr.awaitFlow(t, time.Minute)

	frozen := s.RPCServers[0]
	frozen.Freeze()
	tr.awaitFlow(t, 30*time.Second)
	process.Await(t, 2*lease, "the frozen rpc-server's address has left etcd", func() bool {
		registered, known := s.Registered(t, frozen)
		return known && !registered
	})
	tr.awaitFlow(t, 10*time.Second)

	frozen.Thaw()
	s.AwaitRegistered(t, frozen, true)
	tr.awaitFlow(t, 10*time.Second)
	tr.finish(t)
}

// The database crashes and comes back: so does the service, with no restart, and
// with all that was acknowledged (P2, P6).
func TestDatabaseCrash(t *testing.T) {
	t.Parallel()
	ownSystem(t)
	database, dsn := ownMariaDB(t)
	s := process.StartSystem(t, dsn)
	tr := startTraffic(t, trafficOf(s.URLs(), 4, 8, 0))
	tr.awaitFlow(t, time.Minute)

	database.Kill()
	process.Await(t, 10*time.Second, "requests fail without a database", func() bool { return len(tr.Failures()) > 0 })
	if err := database.Start(); err != nil {
		t.Fatal(err)
	}
	tr.awaitFlow(t, 30*time.Second)
	tr.finish(t)
	for _, g := range s.Gateways {
		g.AwaitReady(t)
	}
}
