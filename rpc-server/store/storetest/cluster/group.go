package cluster

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"example.com/im/rpc-server/store/storetest"
)

// Group is MySQL with Group Replication. One member, the primary, takes writes.
type Group struct {
	Members []*Member
	Network *Network // nil: see [ErrNoFilter]
}

// groupArgs are the options of the members, beside those that every server of the tests
// has, for durability above all.
//
// A member that is cut off from the majority learns of it after 5 s, and stops taking
// writes a second later, its sessions included (unreachable-majority-timeout). The
// majority elects a new primary no sooner than 10 s after the cut
// (member-expel-timeout, from the 5 s on). So at no time do two take writes, and the
// one that is cut off has told that it takes none before the other has stored
// anything. A member that cannot come back by itself serves nobody
// (exit-state-action). A new primary answers when it has applied what the group had
// stored (consistency).
var groupArgs = []string{
	"--gtid-mode=ON", "--enforce-gtid-consistency=ON",
	"--plugin-load-add=group_replication.so",
	"--loose-group-replication-start-on-boot=OFF",
	"--loose-group-replication-single-primary-mode=ON",
	"--loose-group-replication-unreachable-majority-timeout=1",
	"--loose-group-replication-member-expel-timeout=5",
	"--loose-group-replication-autorejoin-tries=3",
	"--loose-group-replication-exit-state-action=OFFLINE_MODE",
	"--loose-group-replication-consistency=BEFORE_ON_PRIMARY_FAILOVER",
	"--loose-group-replication-recovery-get-public-key=ON",
	"--loose-group-replication-ip-allowlist=127.0.0.0/8",
	// For the tests: a member that lags does not hold up the primary.
	"--loose-group-replication-flow-control-mode=DISABLED",
}

const (
	groupName   = "8a94f357-aab4-11df-86ab-c80aa9429562"
	startMember = "START GROUP_REPLICATION USER='root', PASSWORD=''"

	// A new primary holds what reads a table of its own until it has applied what the
	// group has stored, and does not serve before.
	primarySQL = "SELECT @@GLOBAL.super_read_only = 0 AND EXISTS (SELECT 1 FROM performance_schema.replication_group_members" +
		" WHERE member_id = @@server_uuid AND member_state = 'ONLINE' AND member_role = 'PRIMARY')" +
		" AND EXISTS (SELECT 1 FROM mysql.user)"
	onlineSQL = "SELECT EXISTS (SELECT 1 FROM performance_schema.replication_group_members" +
		" WHERE member_id = @@server_uuid AND member_state = 'ONLINE')"
)

// StartGroup starts a group, with files in dir, for the length of the test. The error is
// [storetest.ErrNotHere] where there is no MySQL.
func StartGroup(t testing.TB, dir string) (*Group, error) {
	t.Helper()
	g := &Group{}
	var addrs, seeds []string
	var peers []Peer
	for i := range size {
		addr, seed := storetest.Reserve(t), storetest.ReserveWildcard(t)
		addrs, seeds = append(addrs, addr), append(seeds, seed)
		peers = append(peers, Peer{Group: group(addr), Ports: []string{port(seed)}})
		g.Members = append(g.Members, &Member{dir: filepath.Join(dir, fmt.Sprint(i)), serve: primarySQL})
	}
	err := each(g.Members, func(i int, m *Member) error { return makeMember(i, m, addrs[i], seeds) })
	if err != nil {
		return nil, err
	}
	if g.Network, err = network(t, g.Members, peers); err != nil {
		return nil, err
	}
	for _, m := range g.Members {
		if err := m.open(t); err != nil {
			return nil, err
		}
	}
	// What each has written while its files were made is not the group's.
	const forget = "RESET BINARY LOGS AND GTIDS"
	err = each(g.Members, func(_ int, m *Member) error { return errors.Join(m.Start(), m.exec(forget)) })
	if err != nil {
		return nil, err
	}
	return g, g.form(g.Members[0])
}

// makeMember makes the files and the server of a member.
func makeMember(i int, m *Member, addr string, seeds []string) (err error) {
	if err := os.MkdirAll(m.dir, 0o700); err != nil {
		return err
	}
	m.Server, err = storetest.NewMySQL(m.dir, addr, slices.Concat(groupArgs, []string{
		fmt.Sprintf("--server-id=%d", i+1), "--report-host=127.0.0.1", "--report-port=" + port(addr),
		"--loose-group-replication-group-name=" + groupName,
		"--loose-group-replication-local-address=" + seeds[i],
		"--loose-group-replication-group-seeds=" + strings.Join(seeds, ","),
	})...)
	return err
}

// form makes a group of the members, which run: the first begins it.
func (g *Group) form(first *Member) error {
	err := first.exec("SET GLOBAL group_replication_bootstrap_group = ON", startMember,
		"SET GLOBAL group_replication_bootstrap_group = OFF")
	if err != nil {
		return err
	}
	return each(g.Members, func(_ int, m *Member) error {
		if m == first {
			return await("the first member is primary", func() bool { return m.Serves(context.Background()) })
		}
		return m.join()
	})
}

// join makes a server that runs a member, and waits until it is.
func (m *Member) join() error {
	if err := m.exec(startMember); err != nil {
		return err
	}
	return await("the member is online", func() bool {
		online, err := m.text(onlineSQL)
		return err == nil && online == "1"
	})
}

// AwaitWhole waits until all members know that all are members. (One that was frozen or
// cut off believes at first that nothing has happened.)
func (g *Group) AwaitWhole() error {
	const online = "SELECT COUNT(*) FROM performance_schema.replication_group_members WHERE member_state = 'ONLINE'"
	return await("the group is whole", func() bool { return all(g.Members, online) && g.Primary() != nil })
}

// Primary returns the member that takes writes, or nil.
func (g *Group) Primary() *Member {
	for _, m := range g.Members {
		if m.Serves(context.Background()) {
			return m
		}
	}
	return nil
}

// Secondary returns a member that is not the primary.
func (g *Group) Secondary() *Member {
	primary := g.Primary()
	for _, m := range g.Members {
		if m != primary {
			return m
		}
	}
	return nil
}

// Switchover makes another member the primary, as for maintenance, and waits until it
// is.
func (g *Group) Switchover(to *Member) error {
	id, err := to.text("SELECT @@server_uuid")
	if err != nil {
		return err
	}
	return to.exec("SELECT group_replication_set_as_primary('" + id + "')")
}

// Rejoin starts a member again that was killed, and waits until it is one.
func (m *Member) Rejoin() error {
	if err := m.Start(); err != nil {
		return err
	}
	return m.join()
}

// Kill kills all members.
func (g *Group) Kill() {
	for _, m := range g.Members {
		m.Kill()
	}
}

// StartAgain starts all members after all were killed. The one that has stored what all
// others have begins the group.
func (g *Group) StartAgain() error {
	if err := each(g.Members, func(_ int, m *Member) error { return m.Start() }); err != nil {
		return err
	}
	first := g.Members[0]
	var most string
	for _, m := range g.Members {
		stored, err := m.text("SELECT @@GLOBAL.gtid_executed")
		if err != nil {
			return err
		}
		within, err := m.text("SELECT GTID_SUBSET(?, @@GLOBAL.gtid_executed)", most)
		if err != nil {
			return err
		}
		if within == "1" {
			first, most = m, stored
		}
	}
	return g.form(first)
}
