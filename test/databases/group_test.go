package databases

import (
	"time"

	"example.com/im/rpc-server/store/storetest/cluster"
	"example.com/im/test/fault"
	"example.com/im/test/process"
)

const (
	// lag is for how long a demoted member stores nothing of what its successor does.
	lag = 6 * time.Second

	// switchover is the time within which the service has to recover where times are
	// measured (see [bound]): from a planned switchover, and from the group's own
	// election.
	switchover = 2 * time.Second

	// electionTimeout is for how long an election may take.
	electionTimeout = time.Minute
)

// bound returns the bound on a switchover with -long. Without it other tests keep the
// machine busy, and a time says nothing.
func bound() time.Duration {
	if *long {
		return switchover
	}
	return 0
}

// A group is Group Replication behind two endpoints, one of each form.
type group struct {
	*cluster.Group
	w          *world
	cuts       *cluster.Endpoint
	switchedAt time.Time // when the last primary began to serve
}

func startGroup(w *world) (database, error) {
	members, err := cluster.StartGroup(w, w.TempDir())
	if err != nil {
		return database{}, err
	}
	dsn := members.Primary().Create(w, "im")
	w.wantSettings(dsn, "group-replication.cnf")
	g := &group{Group: members, w: w, cuts: cluster.NewEndpoint(w, cluster.Form{}, members.Members...)}
	keeps := cluster.NewEndpoint(w, cluster.Form{Keeps: true}, members.Members...)
	d := database{
		dsns:    [2]string{g.cuts.DSN("im"), keeps.DSN("im")},
		version: w.ask(dsn, "SELECT VERSION()"),
		whole:   members.AwaitWhole,
		faults:  []fault.Fault{g.plannedSwitchover()},
	}
	if *long {
		d.faults = append(d.faults, g.primaryKilled(), g.primaryFrozen(), g.allMembersKilled(), g.secondaryKilled())
		if g.Network != nil {
			d.faults = append(d.faults, g.primaryCutOff())
		} else {
			missing = append(missing, "partition of Group Replication: "+cluster.ErrNoFilter.Error())
		}
	}
	return d, nil
}

// switched returns when the last primary began to serve.
func (g *group) switched() time.Time { return g.switchedAt }

// awaitElection waits until the group has another primary than before.
func (g *group) awaitElection(before *cluster.Member) {
	g.w.Helper()
	process.Await(g.w, electionTimeout, "the group has a new primary", func() bool {
		var now *cluster.Member
		now, g.switchedAt = g.cuts.Target()
		return now != nil && now != before
	})
}

// The demoted member goes on answering reads, of what was there when it was demoted.
func (g *group) plannedSwitchover() fault.Fault {
	return fault.Fault{
		Name: "planned switchover, the demoted member lags", Survivable: true, Within: bound(), From: g.switched,
		Begin: func() (func(), time.Duration) {
			before := g.Primary()
			began, ended := before.Lag("im.messages", lag)
			g.w.must(g.Switchover(g.Secondary()))
			g.awaitElection(before)
			select {
			case <-began:
			case err := <-ended: // already, or before it began
				g.w.must(err)
			}
			return func() { g.w.must(<-ended) }, lag
		},
	}
}

func (g *group) primaryKilled() fault.Fault {
	return fault.Fault{
		Name: "primary killed", Survivable: true, Within: bound(), From: g.switched,
		Begin: func() (func(), time.Duration) {
			primary := g.Primary()
			primary.Kill()
			g.awaitElection(primary)
			return func() { g.w.must(primary.Rejoin()) }, 0
		},
	}
}

func (g *group) secondaryKilled() fault.Fault {
	return fault.Fault{Name: "secondary killed", Survivable: true, Begin: func() (func(), time.Duration) {
		victim := g.Secondary()
		victim.Kill()
		return func() { g.w.must(victim.Rejoin()) }, 0
	}}
}

func (g *group) primaryFrozen() fault.Fault {
	return fault.Fault{Name: "primary frozen", Survivable: true, Begin: func() (func(), time.Duration) {
		primary := g.Primary()
		primary.Freeze()
		g.awaitElection(primary)
		return primary.Thaw, g.w.between(0, cutOff)
	}}
}

func (g *group) primaryCutOff() fault.Fault {
	return fault.Fault{Name: "primary cut off from the others", Survivable: true, Begin: func() (func(), time.Duration) {
		primary := g.Primary()
		for i, m := range g.Members {
			if m == primary {
				g.w.must(g.Network.Isolate(i))
			}
		}
		g.awaitElection(primary)
		return func() { g.w.must(g.Network.Heal()) }, cutOff
	}}
}

func (g *group) allMembersKilled() fault.Fault {
	return fault.Fault{Name: "all members killed", Begin: func() (func(), time.Duration) {
		g.Kill()
		return func() { g.w.must(g.StartAgain()) }, 0
	}}
}
