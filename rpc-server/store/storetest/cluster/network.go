package cluster

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"testing"
)

// ErrNoFilter says that the members of a cluster cannot be cut off here.
var ErrNoFilter = errors.New("a partition needs iptables, and root")

// A Network cuts members of a cluster off from the others, as a partition does: what
// they send to each other is lost, without a refusal, in both directions and on
// connections old and new, while clients reach all of them. It does so by the kernel's
// packet filter, on the loopback interface alone and for the ports of its members
// alone. Its rules go with the test, also with one that is killed.
//
// The kernel tells the connections that a member has made from those of the others by
// the member's group of users, and so the members have to start after the network.
type Network struct {
	chain string // of rules, in two tables
	peers []Peer
}

// Peer is a member as a [Network] knows it.
type Peer struct {
	Group int      // of users, no one else's
	Ports []string // on which it listens for the other members
}

// NewNetwork returns the network of peers, for the length of the test.
func NewNetwork(t testing.TB, peers []Peer) (*Network, error) {
	t.Helper()
	if _, err := exec.LookPath("iptables"); err != nil || os.Geteuid() != 0 {
		return nil, ErrNoFilter
	}
	n := &Network{chain: fmt.Sprintf("im-test-%d", peers[0].Group), peers: peers}
	if err := n.guard(t); err != nil {
		return nil, err
	}
	for _, table := range []string{"mangle", "filter"} {
		for _, rule := range []string{"-N " + n.chain, "-I OUTPUT -o lo -p tcp -j " + n.chain} {
			if err := iptables(table, rule); err != nil {
				return nil, err
			}
		}
	}
	for _, p := range peers {
		err := iptables("mangle", fmt.Sprintf("-A %s -m owner --gid-owner %d -m conntrack --ctstate NEW -j CONNMARK --set-mark %[2]d",
			n.chain, p.Group))
		if err != nil {
			return nil, err
		}
	}
	return n, nil
}

// guard starts a process that removes the rules when the test has ended, or its
// process: it waits for the end of its input, whose other end is here.
func (n *Network) guard(t testing.TB) error {
	t.Helper()
	// Both tables, and of each the jump to the chain before the chain.
	script := strings.ReplaceAll(`trap '' INT TERM HUP
cat
for table in mangle filter; do
	iptables -w -t $table -D OUTPUT -o lo -p tcp -j CHAIN
	iptables -w -t $table -F CHAIN
	iptables -w -t $table -X CHAIN
done`, "CHAIN", n.chain)
	var output strings.Builder
	cmd := exec.Command("sh", "-e", "-c", script)
	cmd.Stdout, cmd.Stderr = &output, &output
	input, err := cmd.StdinPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	t.Cleanup(func() { remove(t, cmd, input, &output) })
	return nil
}

// remove removes the rules by ending the input of the process that guards them.
func remove(t testing.TB, guard *exec.Cmd, input io.Closer, output fmt.Stringer) {
	t.Helper()
	_ = input.Close()
	if err := guard.Wait(); err != nil {
		t.Errorf("remove the rules of a network: %v: %s", err, output)
	}
}

// Isolate cuts a peer off from all others.
func (n *Network) Isolate(peer int) error {
	own, others := strings.Join(n.peers[peer].Ports, ","), []string{}
	for i, p := range n.peers {
		if i != peer {
			others = append(others, p.Ports...)
		}
	}
	theirs := strings.Join(others, ",")
	const lost = " -m multiport --%s %s -j DROP"
	made := fmt.Sprintf(" -m connmark --mark %d", n.peers[peer].Group) // by it; all others, by others
	for _, packets := range []string{
		fmt.Sprintf(lost, "dports", own), fmt.Sprintf(lost, "sports", own),
		made + fmt.Sprintf(lost, "dports", theirs), made + fmt.Sprintf(lost, "sports", theirs),
	} {
		if err := iptables("filter", "-A "+n.chain+" -p tcp"+packets); err != nil {
			return err
		}
	}
	return nil
}

// Heal ends all partitions.
func (n *Network) Heal() error { return iptables("filter", "-F "+n.chain) }

// iptables changes a table by one command.
func iptables(table, command string) error {
	args := append([]string{"-w", "-t", table}, strings.Fields(command)...)
	if out, err := exec.Command("iptables", args...).CombinedOutput(); err != nil {
		return fmt.Errorf("iptables %s: %w: %s", strings.Join(args, " "), err, out)
	}
	return nil
}
