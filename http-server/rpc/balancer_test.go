package rpc

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"testing"
	"time"

	"example.com/im/http-server/rpc/rpctest"
	"example.com/im/idl/chat"
	"example.com/im/idl/gen/im"
)

var errTest = errors.New("connection lost")

// testBalancer is a balancer with a clock of its own.
type testBalancer struct {
	*balancer
	clock time.Time
}

func newTestBalancer() *testBalancer {
	b := &testBalancer{newBalancer(slog.New(slog.DiscardHandler)), time.Unix(1_700_000_000, 0)}
	b.now = func() time.Time { return b.clock }
	return b
}

// pick returns the address for an attempt.
func (b *testBalancer) pick(r *route, addresses ...string) string {
	result, _ := rpctest.Found(addresses...)
	instance := b.GetPicker(result).Next(withRoute(context.Background(), r), nil)
	if instance == nil {
		return ""
	}
	return instance.Address().String()
}

func addresses(n int) []string {
	list := make([]string, n)
	for i := range list {
		list[i] = fmt.Sprintf("10.0.0.%d:8888", i+1)
	}
	return list
}

func TestLanesAreSpreadAlikeEverywhere(t *testing.T) {
	t.Parallel()
	all := addresses(4)
	reversed := slices.Clone(all)
	slices.Reverse(reversed)
	one, other := newTestBalancer(), newTestBalancer()
	share := map[string]int{}
	for lane := range chat.Lanes {
		got := one.pick(&route{lane: lane}, all...)
		share[got]++
		if again := other.pick(&route{lane: lane}, reversed...); again != got {
			t.Errorf("lane %d: one gateway picks %s, another %s", lane, got, again)
		}
	}
	for _, a := range all { // 16 on average
		if share[a] < 6 {
			t.Errorf("%s has %d of 64 lanes", a, share[a])
		}
	}
}

func TestOnlyLanesOfAGoneInstanceMove(t *testing.T) {
	t.Parallel()
	all := addresses(5)
	gone, left := all[2], slices.Concat(all[:2], all[3:])
	b := newTestBalancer()
	for lane := range chat.Lanes {
		before, after := b.pick(&route{lane: lane}, all...), b.pick(&route{lane: lane}, left...)
		if before != gone && before != after {
			t.Errorf("lane %d moves from %s to %s", lane, before, after)
		}
	}
}

func TestFailedInstanceIsPassedOver(t *testing.T) {
	t.Parallel()
	all := addresses(3)
	b := newTestBalancer()
	home := b.pick(new(route), all...)
	b.note(home, im.Code_OK, errTest)
	second := b.pick(new(route), all...)
	if second == home {
		t.Fatal("a failed instance is picked")
	}
	b.clock = b.clock.Add(skipTime)
	if got := b.pick(new(route), all...); got != home {
		t.Errorf("after the time it is not tried again: %s", got)
	}
	if got := b.pick(new(route), all...); got != second {
		t.Errorf("while one call tries it, another goes to %s; want %s", got, second)
	}
	b.note(home, im.Code_OK, nil)
	for range 2 {
		if got := b.pick(new(route), all...); got != home {
			t.Errorf("after a success it is not picked: %s", got)
		}
	}
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	all := addresses(2)
	b := newTestBalancer()
	home := b.pick(new(route), all...)
	refuseFor := func(d time.Duration) {
		b.note(home, im.Code_UNAVAILABLE, nil)
		b.clock = b.clock.Add(d)
		b.note(home, im.Code_UNAVAILABLE, nil)
	}
	for range 5 { // busy: some calls are refused
		refuseFor(refuseTime - 1)
		b.note(home, im.Code_OK, nil)
		b.clock = b.clock.Add(refuseTime)
	}
	if got := b.pick(new(route), all...); got != home {
		t.Error("a busy instance is passed over")
	}
	refuseFor(refuseTime)
	if got := b.pick(new(route), all...); got == home {
		t.Error("an instance that refuses everything is picked")
	}
}

func TestAllFailedAreTriedAnyway(t *testing.T) {
	t.Parallel()
	all := addresses(3)
	b := newTestBalancer()
	for _, a := range all {
		b.note(a, im.Code_OK, errTest)
	}
	r := new(route)
	tried := []string{b.pick(r, all...), b.pick(r, all...), b.pick(r, all...)}
	slices.Sort(tried)
	if !slices.Equal(tried, all) {
		t.Errorf("tried %v; want each once", tried)
	}
	if got := b.pick(r, all...); got != "" {
		t.Errorf("when all are tried: %s; want none", got)
	}
}

func TestFurtherAttemptGoesElsewhere(t *testing.T) {
	t.Parallel()
	all := addresses(2)
	b := newTestBalancer()
	r := new(route)
	first := b.pick(r, all...)
	if got := b.pick(r.again(), all...); got == first {
		t.Error("the second attempt goes to the same instance")
	}
	if got := b.pick(r.again(), first); got != first {
		t.Errorf("with one instance the second attempt goes to %q", got)
	}
}

func TestGoneInstanceIsForgotten(t *testing.T) {
	t.Parallel()
	b := newTestBalancer()
	b.note(addresses(1)[0], im.Code_OK, errTest)
	before, _ := rpctest.Found(addresses(1)...)
	after, _ := rpctest.Found("10.0.0.9:8888")
	change, _ := rpctest.SilentRegistry().Diff("", before, after)
	b.Rebalance(change)
	b.states.Range(func(address, _ any) bool {
		t.Errorf("%v is remembered", address)
		return true
	})
}
