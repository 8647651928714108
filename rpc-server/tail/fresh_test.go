package tail_test

import (
	"context"
	"errors"
	"slices"
	"testing"

	"example.com/im/rpc-server/store"
	"example.com/im/rpc-server/store/storetest"
)

// A pull that comes during a lane read takes the next one: the first one misses what
// was acknowledged in between.
func TestPullTakesALaneReadThatStartsLater(t *testing.T) {
	t.Parallel()
	own, other := twoInstances(t)
	hold, asked := own.holdLaneReads(), own.CountAsked()
	own.commit(t, "a:b", "1")
	own.wantFrom(t, "load", "a:b", "1")
	hold.next()
	early := own.pull(t.Context())
	hold.awaitBefore()
	hold.awaitAfter()
	other.commit(t, "a:b", "2")
	late := own.pull(t.Context())
	storetest.Await(t, func() bool { return asked.Load() == 2 })
	hold.goOn()
	if got := <-early; got.err != nil { // the message came after this pull, which may see it or not
		t.Error(got.err)
	}
	wantPulled(t, late, "2", "1")
	if s := own.Stats(); s.LaneReads != 2 || s.Forgotten != 1 {
		t.Errorf("Stats = %+v; want two lane reads, and the lane forgotten", s)
	}
}

// A pull waits for a commit of this instance that the database shows already, and whose
// outcome the sequencer does not know yet.
func TestPullWaitsForTheEndOfACommit(t *testing.T) {
	t.Parallel()
	for title, tc := range map[string]struct {
		outcome error
		memory  uint64 // pulls answered from it
	}{
		"stored":  {nil, 1},
		"unknown": {store.ErrUnknown, 0},
	} {
		t.Run(title, func(t *testing.T) {
			t.Parallel()
			own, _ := twoInstances(t)
			own.commit(t, "a:b", "1")
			own.want(t, "a:b", "1")
			before := own.Stats()
			end := own.begin(t, "a:b", "2")
			pull := own.pull(t.Context())
			storetest.Await(t, func() bool { return own.AwaitsCommit("a:b") || len(pull) > 0 })
			end(tc.outcome)
			wantPulled(t, pull, "2", "1")
			after := own.Stats()
			if n := after.Memory - before.Memory; n != tc.memory || after.Forgotten-before.Forgotten != 1-n {
				t.Errorf("%d pulls from memory; want %d, or else the lane forgotten", n, tc.memory)
			}
			own.want(t, "a:b", "2", "1")
			own.wantFrom(t, "memory", "a:b", "2", "1")
		})
	}
}

// A commit that hangs holds up nobody for long, and is no reason to forget.
func TestPullDoesNotWaitForACommitThatHangs(t *testing.T) {
	t.Parallel()
	own, _ := twoInstances(t)
	own.commit(t, "a:b", "1")
	own.want(t, "a:b", "1")
	end := own.begin(t, "a:b", "2")
	own.wantFrom(t, "index", "a:b", "2", "1")
	end(nil)
	own.wantFrom(t, "memory", "a:b", "2", "1")
	if s := own.Stats(); s.Forgotten != 0 {
		t.Errorf("Stats = %+v; want nothing forgotten", s)
	}
}

// A commit that stores nothing in the chat's lane changes nothing, whatever its error.
// A commit that was stored against what its error says is seen.
func TestCommitsThatFail(t *testing.T) {
	t.Parallel()
	own, _ := twoInstances(t)
	own.commit(t, "a:b", "1")
	own.want(t, "a:b", "1")
	for _, err := range []error{store.ErrConflict, store.ErrUnavailable, store.ErrUnknown, errors.New("a defect")} {
		sends := []*store.Send{{Message: store.Message{Chat: "a:b", Sender: "a", Text: "lost", SendTime: 1 << 60}}}
		own.Begin(sends)
		own.End(sends, err)
		own.wantFrom(t, "memory", "a:b", "1")
	}
	own.begin(t, "a:b", "2")(store.ErrUnavailable)
	own.want(t, "a:b", "2", "1")
	own.begin(t, "a:b", "3")(store.ErrUnknown)
	own.commit(t, "a:b", "4")
	own.want(t, "a:b", "4", "3", "2", "1")
}

// A key that is known stores nothing, though its message has a time.
func TestReplayIsNotAddedAgain(t *testing.T) {
	t.Parallel()
	own, _ := twoInstances(t)
	own.want(t, "a:b")
	for range 2 {
		sends := []*store.Send{{Message: store.Message{Chat: "a:b", Sender: "a", Text: "once"}, Key: "k"}}
		own.Begin(sends)
		commit(t, own.store, sends)
		own.End(sends, nil)
		own.wantFrom(t, "memory", "a:b", "once")
	}
}

// The order in which a commit is listed does not matter.
func TestCommitListedBackwards(t *testing.T) {
	t.Parallel()
	own, _ := twoInstances(t)
	own.want(t, "a:b")
	var sends []*store.Send
	for _, text := range numbers(1, 4) {
		sends = append(sends, &store.Send{Message: store.Message{Chat: "a:b", Sender: "a", Text: text}})
	}
	own.Begin(sends)
	commit(t, own.store, sends)
	slices.Reverse(sends)
	own.End(sends, nil)
	own.wantFrom(t, "memory", "a:b", "3", "2", "1")
}

// A lane read shows all lanes. So a chat that is loaded later, in a lane that another
// instance has written to, is not behind.
func TestLaneReadShowsAllLanes(t *testing.T) {
	t.Parallel()
	own, other := twoInstances(t)
	own.want(t, "a:b")
	other.commit(t, "a:c", "1")
	own.wantFrom(t, "memory", "a:b")
	own.wantFrom(t, "load", "a:c", "1")
	own.wantFrom(t, "memory", "a:c", "1")
}

// Commits may end in another order than the database made them in.
func TestCommitsEndOutOfOrder(t *testing.T) {
	t.Parallel()
	own, _ := twoInstances(t)
	own.commit(t, "a:b", "1")
	own.want(t, "a:b", "1")
	second := own.begin(t, "a:b", "2")
	third := own.begin(t, "a:b", "3")
	third(nil)
	own.want(t, "a:b", "3", "2", "1")
	second(nil)
	own.want(t, "a:b", "3", "2", "1")
	own.want(t, "a:b", "3", "2", "1")
}

// An empty chat is in memory as such.
func TestEmptyChat(t *testing.T) {
	t.Parallel()
	own, other := twoInstances(t)
	own.wantFrom(t, "load", "a:b")
	own.wantFrom(t, "memory", "a:b")
	own.commit(t, "a:b", "1")
	own.wantFrom(t, "memory", "a:b", "1")
	own.wantFrom(t, "load", neighbour())
	other.commit(t, neighbour(), "1")
	own.wantFrom(t, "index", neighbour(), "1")
	own.wantFrom(t, "load", "a:b", "1")
}

// A pull that memory cannot answer reads no lanes.
func TestDeepPullsReadNoLanes(t *testing.T) {
	t.Parallel()
	own, _ := twoInstances(t)
	own.commit(t, "a:b", numbers(0, 300)...)
	own.want(t, "a:b", lastOf(numbers(0, 300))...)
	for _, q := range []store.Query{
		{Chat: "a:b", Limit: 10},
		{Chat: "a:b", Limit: 10, Cursor: 1},
		{Chat: "a:b", Limit: 1000, Reverse: true},
		{Chat: "a:b", Limit: 10, Cursor: 1, Reverse: true},
	} {
		if _, err := own.Page(t.Context(), q); err != nil {
			t.Fatal(err)
		}
	}
	if s := own.Stats(); s.LaneReads != 0 || s.Index != 4 {
		t.Errorf("Stats = %+v; want four pulls from the index without a lane read", s)
	}
}

// Without the database nothing is proved, and nothing is answered.
func TestDatabaseGone(t *testing.T) {
	t.Parallel()
	proxy, proxied, direct := storetest.ThroughProxy(t)
	own, other := newInstance(proxied, limit), newInstance(direct, limit)
	own.commit(t, "a:b", "1")
	own.want(t, "a:b", "1")
	own.wantFrom(t, "memory", "a:b", "1")
	proxy.SetRule(storetest.On("", storetest.Cut))
	if _, err := own.Page(t.Context(), newest("a:b")); !errors.Is(err, store.ErrUnavailable) {
		t.Errorf("Page = %v; want ErrUnavailable", err)
	}
	other.commit(t, "a:b", "2")
	proxy.SetRule(nil)
	own.want(t, "a:b", "2", "1")
}

// A caller's deadline ends its own wait for a lane read, and nobody else's.
func TestTimeUpDuringALaneRead(t *testing.T) {
	t.Parallel()
	own, _ := twoInstances(t)
	hold := own.holdLaneReads()
	own.commit(t, "a:b", "1")
	own.want(t, "a:b", "1")
	hold.next()
	patient := own.pull(t.Context())
	hold.awaitBefore()
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	if got := <-own.pull(gone); !errors.Is(got.err, store.ErrUnavailable) || !errors.Is(got.err, context.Canceled) {
		t.Errorf("Page = %v; want ErrUnavailable", got.err)
	}
	hold.awaitAfter()
	hold.goOn()
	wantPulled(t, patient, "1")
}
