package databases

import (
	"time"

	"example.com/im/rpc-server/store/storetest/cluster"
	"example.com/im/test/fault"
)

// startGalera starts a cluster. Each system writes to a node of its own, and turns to
// the third when that node is away.
func startGalera(w *world) (database, error) {
	g, err := cluster.StartGalera(w, w.TempDir())
	if err != nil {
		return database{}, err
	}
	dsn := g.Nodes[0].Create(w, "im")
	w.wantSettings(dsn, "galera.cnf")
	first := cluster.NewEndpoint(w, cluster.Form{Returns: true}, g.Nodes[0], g.Nodes[2])
	second := cluster.NewEndpoint(w, cluster.Form{Returns: true, Keeps: true}, g.Nodes[1], g.Nodes[2])
	d := database{
		dsns: [2]string{first.DSN("im"), second.DSN("im")},
		version: w.ask(dsn, "SELECT CONCAT(VERSION(), ', Galera ', VARIABLE_VALUE) FROM information_schema.GLOBAL_STATUS"+
			" WHERE VARIABLE_NAME = 'wsrep_provider_version'"),
		whole:  g.AwaitWhole,
		faults: []fault.Fault{nodeKilled(w, g)},
	}
	if *long {
		d.faults = append(d.faults, nodeFrozen(w, g), allNodesKilled(w, g), nodeStopped(w, g))
		if g.Network != nil {
			d.faults = append(d.faults, nodeCutOff(w, g))
		} else {
			missing = append(missing, "partition of Galera: "+cluster.ErrNoFilter.Error())
		}
	}
	return d, nil
}

// cutOff is for how long a member is away: longer than the others wait before they go
// on without it.
const cutOff = 20 * time.Second

func nodeKilled(w *world, g *cluster.Galera) fault.Fault {
	return fault.Fault{Name: "node killed", Survivable: true, Begin: func() (func(), time.Duration) {
		victim := w.rand.IntN(2) // a node that is written to
		g.Nodes[victim].Kill()
		return func() { w.must(g.Rejoin(victim)) }, w.between(0, 3*time.Second)
	}}
}

func nodeStopped(w *world, g *cluster.Galera) fault.Fault {
	return fault.Fault{Name: "node stopped and started", Survivable: true, Begin: func() (func(), time.Duration) {
		victim := w.rand.IntN(2)
		g.Nodes[victim].Stop()
		return func() { w.must(g.Rejoin(victim)) }, 0
	}}
}

func nodeFrozen(w *world, g *cluster.Galera) fault.Fault {
	return fault.Fault{Name: "node frozen", Survivable: true, Begin: func() (func(), time.Duration) {
		victim := g.Nodes[w.rand.IntN(2)]
		victim.Freeze()
		return victim.Thaw, cutOff
	}}
}

func nodeCutOff(w *world, g *cluster.Galera) fault.Fault {
	return fault.Fault{Name: "node cut off from the others", Survivable: true, Begin: func() (func(), time.Duration) {
		w.must(g.Network.Isolate(w.rand.IntN(2)))
		return func() { w.must(g.Network.Heal()) }, cutOff
	}}
}

func allNodesKilled(w *world, g *cluster.Galera) fault.Fault {
	return fault.Fault{Name: "all nodes killed", Begin: func() (func(), time.Duration) {
		g.Kill()
		return func() { w.must(g.StartAgain()) }, 0
	}}
}
