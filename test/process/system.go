package process

import (
	"slices"
	"testing"

	"example.com/im/rpc-server/store/storetest"
)

// System is a whole system on a database of the test's.
type System struct {
	Etcd       *Etcd
	RPCServers []*RPCServer
	Gateways   []*Gateway
}

// StartSystem starts an etcd, two rpc-servers and two gateways, all with the
// further settings, and waits until all can serve.
func StartSystem(t testing.TB, dsn string, settings ...string) *System {
	t.Helper()
	s := &System{Etcd: StartEtcd(t, storetest.Reserve(t))}
	for range 2 {
		s.RPCServers = append(s.RPCServers, StartRPCServer(t, s.Etcd.Addr, dsn, settings...))
		s.Gateways = append(s.Gateways, StartGateway(t, s.Etcd.Addr, settings...))
	}
	s.AwaitReady(t)
	return s
}

// StartStranger starts an etcd, an rpc-server and a gateway that share nothing
// with another system but its database: there, each lane is written to by two
// rpc-servers at a time, which the gateways of one system avoid.
func StartStranger(t testing.TB, dsn string, settings ...string) *System {
	t.Helper()
	return startOfEach(t, Binary, dsn, settings)
}

// StartShipped starts an etcd, one rpc-server and one gateway, both built as they
// are shipped and with the further settings, and waits until all can serve.
func StartShipped(t testing.TB, dsn string, settings ...string) *System {
	t.Helper()
	return startOfEach(t, Shipped, dsn, settings)
}

// startOfEach starts one of each part, from the programs that binary names, and
// waits until all can serve.
func startOfEach(t testing.TB, binary func(t testing.TB, name string) string, dsn string, settings []string) *System {
	t.Helper()
	etcd := StartEtcd(t, storetest.Reserve(t))
	s := &System{
		Etcd:       etcd,
		RPCServers: []*RPCServer{StartRPCServerAs(t, binary(t, "rpc-server"), etcd.Addr, dsn, settings...)},
		Gateways:   []*Gateway{StartGatewayAs(t, binary(t, "http-server"), etcd.Addr, settings...)},
	}
	s.AwaitReady(t)
	return s
}

// AwaitReady waits until all can serve.
func (s *System) AwaitReady(t testing.TB) {
	t.Helper()
	for _, r := range s.RPCServers {
		r.AwaitReady(t)
		s.AwaitRegistered(t, r, true)
	}
	for _, g := range s.Gateways {
		g.AwaitReady(t)
	}
}

// URLs returns the addresses of the gateways.
func (s *System) URLs() []string {
	urls := make([]string, len(s.Gateways))
	for i, g := range s.Gateways {
		urls[i] = g.URL
	}
	return urls
}

// Registered reports whether r is in etcd. An etcd that does not answer knows
// nothing.
func (s *System) Registered(t testing.TB, r *RPCServer) (registered, known bool) {
	addrs, err := s.Etcd.Registered(t.Context())
	return slices.Contains(addrs, r.Addr), err == nil
}

// AwaitRegistered waits until r is in etcd, or is not.
func (s *System) AwaitRegistered(t testing.TB, r *RPCServer, want bool) {
	t.Helper()
	Await(t, startTimeout, r.name+" is registered or not", func() bool {
		registered, known := s.Registered(t, r)
		return known && registered == want
	})
}
