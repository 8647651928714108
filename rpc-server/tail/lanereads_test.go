package tail_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"example.com/im/rpc-server/store"
	"example.com/im/rpc-server/tail"
)

// inMemory returns an instance without a database, with an empty chat in memory. Each
// lane read calls during.
func inMemory(t *testing.T, during func()) *instance {
	t.Helper()
	own := newInstance(nil, limit)
	own.WrapPages(func(tail.PageReader) tail.PageReader {
		return func(context.Context, store.Query) (store.Page, error) { return store.Page{}, nil }
	})
	own.WrapLaneReads(func(tail.LaneReader) tail.LaneReader {
		return func() (store.Lanes, error) {
			during()
			return store.Lanes{}, nil
		}
	})
	own.want(t, "a:b")
	t.Cleanup(func() { time.Sleep(2 * tail.ReadInterval) }) // the bubble must outlive the last pause
	return own
}

// All pulls that wait share a lane read. Those that come while it is under way share
// the next one.
func TestPullsShareALaneRead(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		release := make(chan bool)
		own := inMemory(t, func() { <-release })
		pulls := []<-chan pulled{own.pull(t.Context())}
		synctest.Wait()
		for range 100 {
			pulls = append(pulls, own.pull(t.Context()))
		}
		synctest.Wait()
		close(release)
		for _, pull := range pulls {
			wantPulled(t, pull)
		}
		if s := own.Stats(); s.LaneReads != 2 || s.Memory != 101 {
			t.Errorf("Stats = %+v; want 101 pulls from memory after two lane reads", s)
		}
	})
}

// A lane read starts half a millisecond after the one before, or when that has ended.
// If nobody has waited, it starts at once.
func TestLaneReadsAreSpaced(t *testing.T) {
	t.Parallel()
	for title, tc := range map[string]struct{ takes, between time.Duration }{
		"quick": {100 * time.Microsecond, tail.ReadInterval},
		"slow":  {time.Millisecond, time.Millisecond},
	} {
		t.Run(title, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var starts []time.Duration
				begin := time.Now()
				own := inMemory(t, func() {
					starts = append(starts, time.Since(begin))
					time.Sleep(tc.takes)
				})
				time.Sleep(time.Second)
				for range 3 {
					own.want(t, "a:b")
				}
				time.Sleep(time.Second)
				own.want(t, "a:b")
				synctest.Wait()
				quiet := 2*time.Second + 2*tc.between + tc.takes
				for i, want := range []time.Duration{time.Second, time.Second + tc.between, time.Second + 2*tc.between, quiet} {
					if starts[i] != want {
						t.Errorf("lane read %d starts after %v; want %v", i, starts[i], want)
					}
				}
			})
		})
	}
}

// A pull that waits for a commit goes on as soon as the commit has ended.
func TestPullGoesOnWhenTheCommitEnds(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		own := inMemory(t, func() {})
		m := store.Message{Chat: "a:b", Sender: "a", Text: "1", SendTime: 5}
		own.WrapLaneReads(func(tail.LaneReader) tail.LaneReader {
			return func() (lanes store.Lanes, _ error) {
				lanes[m.Chat.Lane()] = m.SendTime
				return lanes, nil
			}
		})
		sends := []*store.Send{{Message: m}}
		own.Begin(sends)
		begin := time.Now()
		pull := own.pull(t.Context())
		synctest.Wait()
		if !own.AwaitsCommit("a:b") {
			t.Error("the pull does not wait")
		}
		own.End(sends, nil)
		wantPulled(t, pull, "1")
		if waited := time.Since(begin); waited > 0 {
			t.Errorf("the pull went on after %v", waited)
		}
	})
}
