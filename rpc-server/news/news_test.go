package news_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"example.com/im/idl/chat"
	"example.com/im/rpc-server/news"
	"example.com/im/rpc-server/store"
)

// A watcher is told of each chat and lane once, however many commits there were.
func TestCommitsAreCoalesced(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T, d *database, n *news.News) {
		since := arrive(t, n)
		commit(n, nil, d.store(a, 0, 10), d.store(other, 0, 10), d.store(a, 0, 11))
		commit(n, nil, d.store(b, 11, 20), d.store(a, 11, 21))
		got := watch(t, n, since, time.Minute, false)
		want(t, got, news.Answer{
			Chats: []chat.Name{a, other, b},
			Own:   []news.Interval{{Lane: a.Lane(), After: 0, Upto: 21}, {Lane: other.Lane(), After: 0, Upto: 10}},
		})
		want(t, watch(t, n, got.Place, time.Second, false), news.Answer{})
		want(t, watch(t, n, since, time.Second, false), got) // every watcher is told
	})
}

// A commit that stores nothing is no news.
func TestNothingStored(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T, _ *database, n *news.News) {
		since := arrive(t, n)
		replayed := &store.Send{Message: store.Message{Chat: a, SendTime: 5}, Outcome: store.Replayed}
		commit(n, nil, replayed)
		failed := &store.Send{Message: store.Message{Chat: b, SendTime: 7}, LaneWas: 3}
		commit(n, store.ErrConflict, failed)
		want(t, watch(t, n, since, time.Second, false), news.Answer{})
	})
}

// A watcher waits until there is news, and no longer than it asked to.
func TestWatchWaits(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T, d *database, n *news.News) {
		since, begin := arrive(t, n), time.Now()
		watch(t, n, since, time.Second, false)
		if took := time.Since(begin); took != time.Second {
			t.Errorf("without news: %v; want 1s", took)
		}
		answers := make(chan news.Answer)
		for range 3 {
			go func() {
				answer, _ := n.Watch(t.Context(), since, time.Second, false)
				answers <- answer
			}()
		}
		synctest.Wait()
		if got := n.Watchers(); got != 3 {
			t.Errorf("%d watch; want 3", got)
		}
		begin = time.Now()
		commit(n, nil, d.store(a, 0, 10))
		for range 3 {
			want(t, <-answers, news.Answer{Chats: []chat.Name{a}, Own: []news.Interval{{Lane: a.Lane(), After: 0, Upto: 10}}})
		}
		if took := time.Since(begin); took != 0 || n.Watchers() != 0 {
			t.Errorf("told after %v, %d still watch", took, n.Watchers())
		}
	})
}

func TestWatchEnds(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T, _ *database, n *news.News) {
		since := arrive(t, n)
		ctx, cancel := context.WithCancel(t.Context())
		errs := make(chan error)
		go func() { _, err := n.Watch(ctx, since, time.Second, false); errs <- err }()
		synctest.Wait()
		cancel()
		if err := <-errs; !errors.Is(err, context.Canceled) {
			t.Errorf("Watch = %v; want the context's error", err)
		}
		go func() { _, err := n.Watch(t.Context(), since, time.Second, false); errs <- err }()
		synctest.Wait()
		n.Stop()
		n.Stop() // once more changes nothing
		if err := <-errs; !errors.Is(err, news.ErrStopped) {
			t.Errorf("Watch at a stop = %v; want ErrStopped", err)
		}
		if _, err := n.Watch(t.Context(), since, time.Second, false); !errors.Is(err, news.ErrStopped) {
			t.Errorf("Watch after a stop = %v; want ErrStopped", err)
		}
	})
}

// A watcher is told if it comes from another run, or if its place is overwritten.
func TestLost(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T, d *database, n *news.News) {
		since := arrive(t, n)
		var latest news.Place
		const commits = 20_000 // two entries each, more than are kept
		for i := range int64(commits) {
			if i == commits-10 {
				latest = news.Place{Epoch: since.Epoch, Position: since.Position + 2*i}
			}
			commit(n, nil, d.store(a, i, i+1))
		}
		got := watch(t, n, latest, time.Second, false)
		want(t, got, news.Answer{
			Chats: []chat.Name{a},
			Own:   []news.Interval{{Lane: a.Lane(), After: commits - 10, Upto: commits}},
		})
		for name, place := range map[string]news.Place{
			"overwritten": since,
			"another run": {Epoch: got.Epoch + 1, Position: got.Position},
			"ahead":       {Epoch: got.Epoch, Position: got.Position + 1},
			"negative":    {Epoch: got.Epoch, Position: -1},
		} {
			if answer := watch(t, n, place, time.Second, false); !answer.Lost || answer.Place != got.Place {
				t.Errorf("%s: %+v; want that all is lost, and the place %+v", name, answer, got.Place)
			}
		}
	})
}

// An answer has a bounded size. No watcher knows an interval, which says that all in it
// is known, before its chats.
func TestLongNewsComeInParts(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T, d *database, n *news.News) {
		since := arrive(t, n)
		const chats = 5_000
		var sends []*store.Send
		for i := range int64(chats) {
			sends = append(sends, d.store(chat.Name(fmt.Sprintf("a:b%d", i)), 0, i+1))
		}
		commit(n, nil, sends...)
		first := watch(t, n, since, time.Second, false)
		second := watch(t, n, first.Place, time.Second, false)
		if len(first.Chats)+len(second.Chats) != chats || len(second.Chats) == 0 || first.Own != nil || len(second.Own) != chat.Lanes {
			t.Errorf("%d chats and %d intervals, then %d and %d; want %d in two parts, and the intervals at the end",
				len(first.Chats), len(first.Own), len(second.Chats), len(second.Own), chats)
		}
		want(t, watch(t, n, second.Place, time.Second, false), news.Answer{})
	})
}
