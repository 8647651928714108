package cluster

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"example.com/im/rpc-server/store/storetest"
)

// galeraLibrary is where Debian's package galera-4 has it.
const galeraLibrary = "/usr/lib/galera/libgalera_smm.so"

// Galera is a cluster of MariaDB servers. Every node takes writes.
type Galera struct {
	Nodes   []*Member
	Network *Network // nil: see [ErrNoFilter]
}

// galeraArgs are the options of the nodes, beside those that every server of the tests
// has, for durability above all. Galera needs the first two.
var galeraArgs = []string{"--binlog-format=ROW", "--innodb-autoinc-lock-mode=2", "--log-slave-updates=ON", "--wsrep-on=ON"}

// galeraOptions are those of the replication. Writes stay in a file, from which a node
// that was away gets what it has missed, so that it need not copy all. After a crash of
// all nodes they find each other again.
const galeraOptions = "gcache.size=128M;gcache.recover=yes;pc.recovery=true"

// StartGalera starts a cluster, with files in dir, for the length of the test. The error is
// [storetest.ErrNotHere] where a part of it is missing.
func StartGalera(t testing.TB, dir string) (*Galera, error) {
	t.Helper()
	if _, err := os.Stat(galeraLibrary); err != nil {
		return nil, fmt.Errorf("galera: %w: apt-get install galera-4", storetest.ErrNotHere)
	}
	scripts, err := storetest.Unpacked("mariadb-sst")
	if err != nil {
		return nil, err
	}
	g := &Galera{}
	plan := planGalera(t)
	if err := writeTransfer(filepath.Join(dir, "bin"), filepath.Join(scripts, "usr", "bin")); err != nil {
		return nil, err
	}
	for i := range plan {
		g.Nodes = append(g.Nodes, &Member{dir: filepath.Join(dir, fmt.Sprint(i)), serve: "SELECT VARIABLE_VALUE = '4'" +
			" FROM information_schema.GLOBAL_STATUS WHERE VARIABLE_NAME = 'wsrep_local_state'"}) // 4: synced
	}
	if err := each(g.Nodes, func(i int, m *Member) error { return plan.make(i, m, dir) }); err != nil {
		return nil, err
	}
	if g.Network, err = network(t, g.Nodes, plan.peers()); err != nil {
		return nil, err
	}
	for _, m := range g.Nodes {
		if err := m.open(t); err != nil {
			return nil, err
		}
	}
	start := "--wsrep-start-position=" + galeraUUID + ":0"
	for _, m := range g.Nodes {
		if err := m.Launch(start); err != nil {
			return nil, err
		}
	}
	return g, g.await()
}

// await waits until all nodes serve.
func (g *Galera) await() error {
	return each(g.Nodes, func(_ int, m *Member) error {
		if err := m.AwaitAnswer(); err != nil {
			return err
		}
		return await("the node is synced", func() bool { return m.Serves(context.Background()) })
	})
}

// AwaitWhole waits until all nodes know that all are there, and serve. (One that was
// frozen or cut off believes at first that nothing has happened.)
func (g *Galera) AwaitWhole() error {
	const nodes = "SELECT VARIABLE_VALUE FROM information_schema.GLOBAL_STATUS WHERE VARIABLE_NAME = 'wsrep_cluster_size'"
	if err := await("the cluster is whole", func() bool { return all(g.Nodes, nodes) }); err != nil {
		return err
	}
	return g.await()
}

// Rejoin starts a node again that was killed, and waits until it serves. Where it had
// been it finds in its own files.
func (g *Galera) Rejoin(node int) error {
	m := g.Nodes[node]
	if err := relaunch(m); err != nil {
		return err
	}
	if err := m.AwaitAnswer(); err != nil {
		return err
	}
	return await("the node is synced", func() bool { return m.Serves(context.Background()) })
}

// Kill kills all nodes.
func (g *Galera) Kill() {
	for _, m := range g.Nodes {
		m.Kill()
	}
}

// StartAgain starts all nodes after all were killed. They find who was there
// (pc.recovery), and the most advanced gives the others what they lack.
func (g *Galera) StartAgain() error {
	if err := each(g.Nodes, func(_ int, m *Member) error { return relaunch(m) }); err != nil {
		return err
	}
	return g.await()
}

// relaunch starts a node at the position that its own files tell.
func relaunch(m *Member) error {
	log := filepath.Join(m.dir, "recovery.log")
	if err := os.WriteFile(log, nil, 0o600); err != nil {
		return err
	}
	if out, err := m.Program("--wsrep-recover", "--skip-networking", "--log-error="+log).CombinedOutput(); err != nil {
		return fmt.Errorf("recover the position of a node: %w: %s", err, out)
	}
	text, err := os.ReadFile(log)
	if err != nil {
		return err
	}
	_, position, found := strings.Cut(string(text), "Recovered position: ")
	if !found {
		return fmt.Errorf("a node does not tell its position:\n%s", text)
	}
	position, _, _ = strings.Cut(position, "\n")
	return m.Launch("--wsrep-start-position=" + position)
}

// A galeraPlan is the addresses of the nodes.
type galeraPlan []galeraNode

type galeraNode struct{ sql, group, ist, sst string } // host:port

func planGalera(t testing.TB) (plan galeraPlan) {
	t.Helper()
	for range size {
		plan = append(plan, galeraNode{
			storetest.Reserve(t), storetest.Reserve(t), storetest.Reserve(t), storetest.Reserve(t),
		})
	}
	return plan
}

// peers are the nodes as the network knows them.
func (p galeraPlan) peers() (peers []Peer) {
	for _, n := range p {
		peers = append(peers, Peer{Group: group(n.sql), Ports: []string{port(n.group), port(n.ist), port(n.sst)}})
	}
	return peers
}

// make makes the files and the server of a node.
func (p galeraPlan) make(i int, m *Member, dir string) error {
	if err := os.MkdirAll(m.dir, 0o700); err != nil {
		return err
	}
	var all []string
	for _, n := range p {
		all = append(all, n.group)
	}
	n := p[i]
	args := slices.Concat(galeraArgs, []string{
		fmt.Sprintf("--server-id=%d", i+1), "--wsrep-cluster-name=" + p[0].group, fmt.Sprintf("--wsrep-node-name=node-%d", i),
		"--wsrep-provider=" + galeraLibrary, "--wsrep-cluster-address=gcomm://" + strings.Join(all, ","),
		"--wsrep-node-address=" + n.group, "--wsrep-sst-method=" + transfer, "--wsrep-sst-receive-address=" + n.sst,
		fmt.Sprintf("--wsrep-provider-options=%s;gmcast.listen_addr=tcp://%s;ist.recv_addr=%s", galeraOptions, n.group, n.ist),
	})
	var err error
	if m.Server, err = storetest.NewMariaDB(m.dir, n.sql, args...); err != nil {
		return err
	}
	m.SetEnv("PATH=" + filepath.Join(dir, "bin") + ":" + os.Getenv("PATH"))
	return writeView(filepath.Join(m.dir, "data"), i)
}

// galeraUUID is the history that the nodes share at their start.
const galeraUUID = "1f427d3b-ea10-11f1-9f17-000000000000"

// writeView writes the files by which the nodes find each other at their first start as
// after a crash of all: so none has to copy the data of another.
func writeView(data string, node int) error {
	member := func(i int) string { return fmt.Sprintf("1f427d3b-ea10-11f1-9f17-%012x", i+1) }
	var view bytes.Buffer
	fmt.Fprintf(&view, "my_uuid: %s\n#vwbeg\nview_id: 3 %s 1\nbootstrap: 0\n", member(node), member(0))
	for i := range size {
		fmt.Fprintf(&view, "member: %s 0\n", member(i))
	}
	view.WriteString("#vwend\n")
	if err := os.WriteFile(filepath.Join(data, "gvwstate.dat"), view.Bytes(), 0o600); err != nil {
		return err
	}
	state := "# GALERA saved state\nversion: 2.1\nuuid:    " + galeraUUID + "\nseqno:   0\nsafe_to_bootstrap: 0\n"
	return os.WriteFile(filepath.Join(data, "grastate.dat"), []byte(state), 0o600)
}
