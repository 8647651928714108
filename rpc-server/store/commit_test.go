package store_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"

	"example.com/im/idl/chat"
	"example.com/im/rpc-server/store"
	"example.com/im/rpc-server/store/storetest"
)

// Within a chat, times increase in commit order, whatever the clock says (P1).
func TestTimesIncreaseWhenClocksDoNot(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, open func() *store.Store) {
		one, other := open(), open()
		at := time.Now()
		var want []int64
		for i, clock := range []time.Time{
			at, at, at.Add(-10 * time.Second), at.Add(10 * time.Second), at, at.Add(10*time.Second + time.Microsecond),
		} {
			st := one
			if i%2 == 1 {
				st = other
			}
			batch := []*store.Send{message("a:b", "x"), message("a:b", "y"), message("a:c", "z")}
			if err := st.Commit(batch, func() time.Time { return clock }); err != nil {
				t.Fatal(err)
			}
			want = append(want, batch[0].SendTime, batch[1].SendTime)
			if i == 0 && want[0] != at.UnixMicro() {
				t.Errorf("first time = %d; want the clock's %d", want[0], at.UnixMicro())
			}
		}
		got := storetest.All(t, one, "a:b")
		for i, m := range got {
			if m.SendTime != want[i] || i > 0 && m.SendTime <= got[i-1].SendTime {
				t.Errorf("times = %v; want %v, increasing", got, want)
				break
			}
		}
	})
}

// A reader that follows the newest message sees every one, while instances whose clocks
// disagree write to the same chats (P1).
func TestReaderMissesNothing(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, open func() *store.Store) {
		const writers, batches, perBatch = 3, 40, 4
		var wg sync.WaitGroup
		done := make(chan struct{})
		for w := range writers {
			st := open()
			skew := time.Duration(w-1) * 10 * time.Second
			wg.Go(func() {
				for range batches {
					var batch []*store.Send
					for range perBatch {
						batch = append(batch, message("a:b", "x"), message(fmt.Sprintf("a:c%d", rand.N(100)), "y"))
					}
					now := func() time.Time { return time.Now().Add(skew - rand.N(time.Second)) }
					err := store.ErrConflict
					for errors.Is(err, store.ErrConflict) {
						err = st.Commit(batch, now)
					}
					if err != nil {
						t.Error(err)
					}
				}
			})
		}
		go func() { wg.Wait(); close(done) }()
		reader := open()
		seen := 0
		for q, last := (store.Query{Chat: "a:b", Limit: 7}), false; ; {
			page := read(t, reader, q)
			seen += len(page.Messages)
			q.Cursor = page.NextCursor
			if last && !page.HasMore {
				break
			}
			select {
			case <-done:
				last = !page.HasMore
			default:
			}
		}
		if want := writers * batches * perBatch; seen != want {
			t.Errorf("the reader saw %d messages; want %d", seen, want)
		}
	})
}

// Instances that share lanes wait for each other. Those that share none do not even
// meet. Neither ends in a deadlock.
func TestInstancesDoNotDeadlock(t *testing.T) {
	t.Parallel()
	for name, chatOf := range map[string]func(instance int) string{
		"overlapping lanes": func(int) string { return fmt.Sprintf("a:b%d", rand.N(1000)) },
		"disjoint lanes":    func(instance int) string { return nameInHalf(instance) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dsn := storetest.MySQL(t)
			var wg sync.WaitGroup
			for instance := range 2 {
				st := storetest.Open(t, storetest.Dialector(t, dsn))
				wg.Go(func() {
					for range 300 {
						var batch []*store.Send
						for range 1 + rand.N(20) {
							batch = append(batch, message(chatOf(instance), "x"))
						}
						if err := st.Commit(batch, time.Now); err != nil {
							t.Error(err)
						}
					}
				})
			}
			wg.Wait()
		})
	}
}

// nameInHalf returns a chat in the lower or upper half of the lanes.
func nameInHalf(half int) string {
	for {
		name := fmt.Sprintf("a:b%d", rand.N(100_000))
		if chat.Name(name).Lane()/(chat.Lanes/2) == half {
			return name
		}
	}
}

// When the connection is lost at COMMIT, only the database knows.
func TestConnectionLostAtCommit(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		action storetest.Action
		stored bool
	}{
		"on the way there": {storetest.Cut, false},
		"on the way back":  {storetest.Answer, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			proxy, proxied, direct := storetest.ThroughProxy(t)
			proxy.SetRule(storetest.On("\x03COMMIT", tc.action))
			err := proxied.Commit([]*store.Send{message("a:b", "x")}, time.Now)
			if !errors.Is(err, store.ErrUnknown) {
				t.Errorf("Commit = %v; want ErrUnknown", err)
			}
			// The next commit waits for the lane, and so for the first one's end.
			commit(t, direct, message("a:b", "y"))
			if got := len(storetest.All(t, direct, "a:b")) == 2; got != tc.stored {
				t.Errorf("stored = %v; want %v", got, tc.stored)
			}
			proxy.SetRule(nil)
			commit(t, proxied, message("a:b", "the store goes on"))
		})
	}
}

// When the connection is lost before COMMIT, nothing is stored.
func TestConnectionLostBeforeCommit(t *testing.T) {
	t.Parallel()
	proxy, proxied, direct := storetest.ThroughProxy(t)
	for _, statement := range []string{"START TRANSACTION", "FOR UPDATE", "INSERT INTO", "UPDATE lanes"} {
		for _, action := range []storetest.Action{storetest.Cut, storetest.Answer} {
			proxy.SetRule(storetest.On(statement, action))
			err := proxied.Commit([]*store.Send{message("a:b", "x")}, time.Now)
			if !errors.Is(err, store.ErrUnavailable) {
				t.Errorf("cut at %s: Commit = %v; want ErrUnavailable", statement, err)
			}
		}
	}
	proxy.SetRule(nil)
	commit(t, proxied, message("a:b", "the store goes on"))
	if got := storetest.All(t, direct, "a:b"); len(got) != 1 {
		t.Errorf("%d messages; want the last one alone", len(got))
	}
}

// An instance that freezes inside a batch holds its lanes until the database ends its
// silent connection, and no longer.
func TestFrozenInstanceLosesItsLanes(t *testing.T) {
	t.Parallel()
	proxy, proxied, direct := storetest.ThroughProxy(t)
	stalled := make(chan struct{})
	var once sync.Once
	proxy.SetRule(func(sent []byte) storetest.Action {
		if strings.Contains(string(sent), "INSERT INTO") {
			once.Do(func() { close(stalled) })
			return storetest.Stall
		}
		return storetest.Pass
	})
	frozen := make(chan error, 1)
	go func() { frozen <- proxied.Commit([]*store.Send{message("a:b", "x")}, time.Now) }()
	<-stalled

	conflicts := 0
	err := direct.Commit([]*store.Send{message("a:b", "y")}, time.Now)
	for ; errors.Is(err, store.ErrConflict) && conflicts < 5; conflicts++ {
		err = direct.Commit([]*store.Send{message("a:b", "y")}, time.Now)
	}
	// Each conflict is a lock wait of 2 seconds, and the lanes are held for 5.
	if err != nil || conflicts == 0 || conflicts > 2 {
		t.Errorf("Commit = %v after %d conflicts; want nil after 1 or 2", err, conflicts)
	}
	proxy.CutAll()
	if err := <-frozen; !errors.Is(err, store.ErrUnavailable) {
		t.Errorf("the frozen instance's Commit = %v; want ErrUnavailable", err)
	}
	if got := storetest.All(t, direct, "a:b"); len(got) != 1 || got[0].Text != "y" {
		t.Errorf("messages = %v; want y alone", got)
	}
}

// A refused message leaves nothing of its batch behind, not even in the lanes.
func TestRefusedMessage(t *testing.T) {
	t.Parallel()
	st := storetest.Open(t, storetest.Dialector(t, storetest.MySQL(t)))
	err := st.Commit([]*store.Send{
		message("a:b", "x"), message("a:b", strings.Repeat("x", 70_000)),
	}, time.Now)
	if err == nil || store.Unavailable(err) || errors.Is(err, store.ErrUnknown) {
		t.Errorf("Commit = %v; want the database's refusal", err)
	}
	if got := storetest.All(t, st, "a:b"); len(got) != 0 {
		t.Errorf("messages = %v; want none", got)
	}
	var last int64
	if err := st.DB().QueryRow("SELECT MAX(last_send_time) FROM lanes").Scan(&last); err != nil || last != 0 {
		t.Errorf("last send_time = %d, %v; want 0", last, err)
	}
}

// The service is back with its database, without a restart of its own.
func TestStoreHealsWithItsDatabase(t *testing.T) {
	t.Parallel()
	server := storetest.StartServer(t)
	st := storetest.Open(t, storetest.Dialector(t, server.Create(t, "im")))
	commit(t, st, message("a:b", "x"))

	server.Kill()
	if err := st.Commit([]*store.Send{message("a:b", "y")}, time.Now); !errors.Is(err, store.ErrUnavailable) {
		t.Errorf("Commit = %v; want ErrUnavailable", err)
	}
	if _, err := st.Page(t.Context(), store.Query{Chat: "a:b", Limit: 1}); !errors.Is(err, store.ErrUnavailable) {
		t.Errorf("Page = %v; want ErrUnavailable", err)
	}
	if _, err := st.Clock(t.Context()); !errors.Is(err, store.ErrUnavailable) {
		t.Errorf("Clock = %v; want ErrUnavailable", err)
	}

	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	commit(t, st, message("a:b", "z"))
	if got := storetest.All(t, st, "a:b"); len(got) != 2 || got[0].Text != "x" || got[1].Text != "z" {
		t.Errorf("messages = %v; want x and z", got)
	}
}

// A commit tells how it has moved its lanes: no other commit's message is between a
// send's LaneWas and its SendTime. A later lane read shows it.
func TestCommitTellsOfItsLanes(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, open func() *store.Store) {
		st := open()
		first, second := message("a:b", "x"), message("a:b", "y")
		commit(t, st, first, second)
		third := keyed("a:b", "k", "z")
		commit(t, open(), third)
		again := keyed("a:b", "k", "z")
		commit(t, st, again)

		if first.LaneWas != 0 || second.LaneWas != 0 {
			t.Errorf("before the first commit the lane was at %d and %d; want 0", first.LaneWas, second.LaneWas)
		}
		if third.LaneWas != second.SendTime {
			t.Errorf("before the second commit the lane was at %d; want %d", third.LaneWas, second.SendTime)
		}
		lanes, err := st.Lanes()
		if err != nil {
			t.Fatal(err)
		}
		for lane, at := range lanes {
			want := int64(0)
			if lane == third.Chat.Lane() {
				want = third.SendTime
			}
			if at != want {
				t.Errorf("lane %d is at %d; want %d", lane, at, want)
			}
		}
	})
}

func TestLanesWithoutDatabase(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, open func() *store.Store) {
		st := open()
		if err := st.Close(); err != nil {
			t.Fatal(err)
		}
		if _, err := st.Lanes(); err == nil {
			t.Error("Lanes of a closed store: no error")
		}
	})
}
