package news_test

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"example.com/im/idl/chat"
	"example.com/im/rpc-server/news"
	"example.com/im/rpc-server/store"
)

// News of another instance's commit comes soon after it, and names the lane alone.
func TestOthers(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T, d *database, n *news.News) {
		d.set(a, 5)
		since := arrive(t, n)
		commit(n, nil, d.store(a, 5, 10))
		since = watch(t, n, since, time.Second, true).Place
		begin := time.Now()
		time.AfterFunc(300*time.Millisecond, func() { d.set(a, 15) })
		got := watch(t, n, since, time.Second, true)
		want(t, got, news.Answer{Others: []news.Interval{{Lane: a.Lane(), After: 10, Upto: 15}}})
		if took := time.Since(begin); took < 300*time.Millisecond || took > 360*time.Millisecond {
			t.Errorf("told after %v; want within 60 ms of the commit, after 300 ms", took)
		}
		want(t, watch(t, n, got.Place, time.Second, true), news.Answer{}) // once
	})
}

// The lanes are read for a watcher that never waits, because this instance commits all
// the time.
func TestOthersAmongOwnNews(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T, d *database, n *news.News) {
		since := arrive(t, n)
		d.set(other, 3)
		var others []news.Interval
		for i := range int64(10) {
			commit(n, nil, d.store(a, i, i+1))
			got := watch(t, n, since, time.Minute, true)
			others, since = append(others, got.Others...), got.Place
			time.Sleep(10 * time.Millisecond)
		}
		if want := []news.Interval{{Lane: other.Lane(), After: 0, Upto: 3}}; !equal(others, want) {
			t.Errorf("moved by others: %v; want %v", others, want)
		}
	})
}

// A commit of our own shows in the lanes before it has ended. News does not take it for
// another's.
func TestOwnCommitInFlight(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T, d *database, n *news.News) {
		since := arrive(t, n)
		ours := []*store.Send{d.store(a, 7, 10)} // after another's of 7
		n.Begin(ours)
		d.set(other, 3)
		got := watch(t, n, since, time.Second, true)
		want(t, got, news.Answer{Others: []news.Interval{{Lane: other.Lane(), After: 0, Upto: 3}}})
		want(t, watch(t, n, got.Place, time.Second, true), news.Answer{})
		n.End(ours, nil)
		want(t, watch(t, n, got.Place, time.Second, true), news.Answer{
			Chats:  []chat.Name{a},
			Own:    []news.Interval{{Lane: a.Lane(), After: 7, Upto: 10}},
			Others: []news.Interval{{Lane: a.Lane(), After: 0, Upto: 7}},
		})
	})
}

// A read that began before a commit ended shows the lane as it was.
func TestReadOvertakenByCommit(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T, d *database, n *news.News) {
		since := arrive(t, n)
		d.moved = func() {
			d.moved = nil
			commit(n, nil, d.store(a, 0, 10))
		}
		since = watch(t, n, since, time.Second, true).Place
		d.set(b, 15)
		want(t, watch(t, n, since, time.Second, true), news.Answer{Others: []news.Interval{{Lane: a.Lane(), After: 10, Upto: 15}}})
	})
}

// A lane read shows a commit whose outcome nobody knows.
func TestCommitOfUnknownOutcome(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T, d *database, n *news.News) {
		since := arrive(t, n)
		commit(n, store.ErrUnknown, d.store(a, 0, 10))
		want(t, watch(t, n, since, time.Second, true), news.Answer{Others: []news.Interval{{Lane: a.Lane(), After: 0, Upto: 10}}})
	})
}

// The lanes are read while a watcher asks for others, and at no other time.
func TestReadsOnlyWhenAskedFor(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T, d *database, n *news.News) {
		reads := func(during func()) int {
			before := d.countReads()
			during()
			synctest.Wait()
			return d.countReads() - before
		}
		if got := reads(func() { time.Sleep(time.Hour) }); got != 0 {
			t.Errorf("%d reads while nobody watches", got)
		}
		var since news.Place
		first := reads(func() { since = arrive(t, n); time.Sleep(time.Hour) })
		if first < 1 || first > 30 {
			t.Errorf("%d reads for the first watcher of a second; want at least one, and an end", first)
		}
		if got := reads(func() { watch(t, n, since, time.Hour, false) }); got != 0 {
			t.Errorf("%d reads while nobody asks for others", got)
		}
		if got := reads(func() { watch(t, n, since, time.Minute, true); time.Sleep(time.Hour) }); got < 1200 || got > 1210 {
			t.Errorf("%d reads in a minute in which others are asked for; want 20 a second", got)
		}
		// The next watcher is told what others have done since the last read.
		d.set(a, 10)
		want(t, watch(t, n, since, time.Second, true), news.Answer{Others: []news.Interval{{Lane: a.Lane(), After: 0, Upto: 10}}})
	})
}

// While the lanes cannot be read, watchers are told of own commits all the same. They
// are told later what others did meanwhile.
func TestDatabaseDown(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T, d *database, n *news.News) {
		d.fail(errDown)
		if _, err := n.Watch(t.Context(), news.Place{}, time.Second, true); !errors.Is(err, news.ErrNoLanes) {
			t.Errorf("Watch before the lanes are known = %v; want ErrNoLanes", err)
		}
		d.fail(nil)
		since := arrive(t, n)
		d.fail(errDown)
		time.Sleep(time.Minute)
		before := d.countReads()
		d.set(other, 3)
		commit(n, nil, d.store(a, 0, 10))
		got := watch(t, n, since, time.Minute, true)
		want(t, got, news.Answer{Chats: []chat.Name{a}, Own: []news.Interval{{Lane: a.Lane(), After: 0, Upto: 10}}})
		want(t, watch(t, n, got.Place, time.Minute, true), news.Answer{})
		if reads := d.countReads() - before; reads < 60 || reads > 150 {
			t.Errorf("%d reads of a database that is down in a minute; want fewer", reads)
		}
		d.fail(nil)
		want(t, watch(t, n, got.Place, time.Minute, true), news.Answer{Others: []news.Interval{{Lane: other.Lane(), After: 0, Upto: 3}}})
	})
}
