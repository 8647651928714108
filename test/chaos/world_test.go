package chaos

import (
	"math/rand/v2"
	"net/http"
	"testing"
	"time"

	"example.com/im/http-server/openapi/openapitest"
	"example.com/im/rpc-server/store/storetest"
	"example.com/im/test/delivery"
	"example.com/im/test/fault"
	"example.com/im/test/process"
)

// drainDelay lets every gateway notice that an rpc-server stops.
const drainDelay = "DRAIN_DELAY=3s"

// A world is what faults are done to: a system of four rpc-servers and two gateways,
// and a second system, the stranger, on the same database. So two rpc-servers write to
// each lane at all times. Of the five rpc-servers three have clocks of the test's, and
// three reach the database through a proxy.
type world struct {
	*testing.T
	rand     *rand.Rand
	database *storetest.Server
	proxy    *storetest.Proxy
	system   *process.System
	stranger *process.System
	clocks   []clock
	traffic  *delivery.Traffic
}

// newWorld starts everything but the traffic.
func newWorld(t *testing.T, seed uint64) *world {
	t.Helper()
	w := &world{T: t, rand: rand.New(rand.NewPCG(seed, 0))}
	direct, proxied := w.startDatabase()
	for _, offset := range []time.Duration{10 * time.Second, -10 * time.Second, 0} {
		w.clocks = append(w.clocks, newClock(t, offset))
	}
	etcd := process.StartEtcd(t, storetest.Reserve(t))
	w.system = &process.System{
		Etcd: etcd,
		RPCServers: []*process.RPCServer{
			process.StartRPCServer(t, etcd.Addr, direct, drainDelay),
			process.StartRPCServer(t, etcd.Addr, proxied, drainDelay),
			startSkewed(t, w.clocks[0], etcd.Addr, direct, drainDelay),
			startSkewed(t, w.clocks[1], etcd.Addr, proxied, drainDelay),
		},
		Gateways: []*process.Gateway{
			process.StartGateway(t, etcd.Addr, drainDelay), process.StartGateway(t, etcd.Addr, drainDelay),
		},
	}
	other := process.StartEtcd(t, storetest.Reserve(t))
	w.stranger = &process.System{
		Etcd:       other,
		RPCServers: []*process.RPCServer{startSkewed(t, w.clocks[2], other.Addr, proxied, drainDelay)},
		Gateways:   []*process.Gateway{process.StartGateway(t, other.Addr, drainDelay)},
	}
	w.awaitWhole()
	return w
}

// startDatabase starts a database with durable settings, and returns how it is
// reached directly and through the proxy.
func (w *world) startDatabase() (direct, proxied string) {
	w.Helper()
	var err error
	if w.database, err = storetest.StartMariaDB(w, w.TempDir()); err != nil {
		w.Fatal(err)
	}
	w.Cleanup(w.database.Kill)
	direct = w.database.Create(w, "im")
	w.proxy, proxied = storetest.Proxied(w, direct)
	return direct, proxied
}

// startTraffic starts senders and readers through all gateways, and returns what
// suffers the faults. A part of the answers is checked against the contract.
func (w *world) startTraffic(cfg delivery.Config) *fault.World {
	w.Helper()
	cfg.URLs = append(w.system.URLs(), w.stranger.URLs()...)
	cfg.Wrap = func(next http.RoundTripper) http.RoundTripper { return openapitest.Sample(w, next, 50) }
	var err error
	if w.traffic, err = delivery.Start(w.Context(), cfg); err != nil {
		w.Fatal(err)
	}
	suffering := &fault.World{TB: w, Traffic: w.traffic, AwaitWhole: w.awaitWhole}
	suffering.Recovered(time.Now())
	return suffering
}

// awaitWhole waits until every part is as before a fault.
func (w *world) awaitWhole() {
	w.Helper()
	w.system.AwaitReady(w)
	w.stranger.AwaitReady(w)
}

// victim chooses one of the system's rpc-servers.
func (w *world) victim() *process.RPCServer {
	return w.system.RPCServers[w.rand.IntN(len(w.system.RPCServers))]
}

// between returns a random time.
func (w *world) between(least, most time.Duration) time.Duration {
	return least + time.Duration(w.rand.Int64N(int64(most-least)+1))
}
