package store_test

import (
	"errors"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"example.com/im/rpc-server/store"
)

// A caller gets a read that starts after its call, and shares it with those who call
// before it starts. Nothing is read while nobody asks.
func TestLaneReadStartsAfterTheCall(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		lane, release := int64(0), make(chan bool)
		reads := store.LaneReads{
			Read: func() (lanes store.Lanes, _ error) {
				lanes[0] = lane
				<-release
				return lanes, nil
			},
			Learn: func(*store.Lanes, error) {},
			Pause: func(time.Duration, error) time.Duration { return 0 },
		}
		first := reads.Next()
		synctest.Wait() // it has read the lane
		lane = 1        // and a commit is acknowledged
		second, third := reads.Next(), reads.Next()
		if second == first || second != third {
			t.Error("who calls during a read does not share the next one")
		}
		release <- true
		<-first.Done()
		synctest.Wait()
		lane = 2
		release <- true // nothing else is read
		<-second.Done()
		if first.Lanes[0] != 0 || second.Lanes[0] != 1 {
			t.Errorf("the reads show %d and %d; want 0 and 1", first.Lanes[0], second.Lanes[0])
		}
	})
}

// Learn is called before those who wait go on. After a read there is the pause that its
// length and its error ask for.
func TestLaneReadsPause(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const takes = 3 * time.Millisecond
		broken := errors.New("broken")
		var starts []time.Duration
		var learned []error
		begin := time.Now()
		reads := store.LaneReads{
			Read: func() (store.Lanes, error) {
				starts = append(starts, time.Since(begin))
				time.Sleep(takes)
				if len(starts) == 2 {
					return store.Lanes{}, broken
				}
				return store.Lanes{}, nil
			},
			Learn: func(_ *store.Lanes, err error) { learned = append(learned, err) },
			Pause: func(took time.Duration, err error) time.Duration {
				if err != nil {
					return time.Second
				}
				return 10*time.Millisecond - took
			},
		}
		for i, want := range []error{nil, broken, nil} {
			read := reads.Next()
			<-read.Done()
			if !errors.Is(read.Err, want) || len(learned) != i+1 || !errors.Is(learned[i], want) {
				t.Errorf("read %d: %v, learned %v; want %v", i, read.Err, learned, want)
			}
		}
		time.Sleep(time.Minute)
		<-reads.Next().Done() // at once, as nobody has asked for a while
		want := []time.Duration{0, 10 * time.Millisecond, 10*time.Millisecond + takes + time.Second, time.Minute + 10*time.Millisecond + 2*takes + time.Second}
		if !slices.Equal(starts, want) {
			t.Errorf("reads start after %v; want %v", starts, want)
		}
		time.Sleep(time.Second) // the last pause ends
	})
}
