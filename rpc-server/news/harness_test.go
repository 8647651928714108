package news_test

import (
	"errors"
	"maps"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"example.com/im/idl/chat"
	"example.com/im/rpc-server/news"
	"example.com/im/rpc-server/store"
)

// database is what several instances share: the lanes.
type database struct {
	mu    sync.Mutex
	lanes store.Lanes
	err   error // of reads
	reads int
	moved func() // called during a read, if it is set
}

func (d *database) read() (store.Lanes, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.reads++
	lanes := d.lanes
	if d.moved != nil {
		d.mu.Unlock()
		d.moved()
		d.mu.Lock()
	}
	return lanes, d.err
}

// set moves a chat's lane, as another instance does.
func (d *database) set(name chat.Name, at int64) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.lanes[name.Lane()] = at
}

func (d *database) fail(err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.err = err
}

func (d *database) countReads() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.reads
}

// store makes a message of a commit, one microsecond after the lane's last.
func (d *database) store(name chat.Name, was, at int64) *store.Send {
	d.set(name, at)
	return &store.Send{Message: store.Message{Chat: name, SendTime: at}, LaneWas: was}
}

// bubble runs a test in which time passes only when all goroutines wait.
func bubble(t *testing.T, test func(t *testing.T, d *database, n *news.News)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		d := &database{}
		n := news.New(d.read, func(error) {})
		t.Cleanup(func() { time.Sleep(time.Second) }) // the bubble must outlive the last pause between reads
		test(t, d, n)
	})
}

// watch returns what has happened since a place, without an error.
func watch(t *testing.T, n *news.News, since news.Place, wait time.Duration, others bool) news.Answer {
	t.Helper()
	a, err := n.Watch(t.Context(), since, wait, others)
	if err != nil {
		t.Fatalf("Watch: %v", err)
	}
	return a
}

// arrive returns the place of a watcher that comes for the first time.
func arrive(t *testing.T, n *news.News) news.Place {
	t.Helper()
	a := watch(t, n, news.Place{}, time.Second, false)
	if !a.Lost {
		t.Fatalf("the first answer = %+v; want that all is lost", a)
	}
	return a.Place
}

// commit is a commit that takes no time.
func commit(n *news.News, err error, sends ...*store.Send) {
	n.Begin(sends)
	n.End(sends, err)
}

// want checks an answer, but not its place.
func want(t *testing.T, got, want news.Answer) {
	t.Helper()
	if got.Lost != want.Lost || !slices.Equal(got.Chats, want.Chats) || !equal(got.Own, want.Own) || !equal(got.Others, want.Others) {
		t.Errorf("answer = %+v; want %+v", got, want)
	}
}

// equal compares intervals, in any order of lanes.
func equal(a, b []news.Interval) bool {
	return len(a) == len(b) && maps.Equal(set(a), set(b))
}

func set(intervals []news.Interval) map[news.Interval]bool {
	s := make(map[news.Interval]bool)
	for _, interval := range intervals {
		s[interval] = true
	}
	return s
}

// Two chats of one lane, and one of another.
var (
	names = sameLane(2)
	a, b  = names[0], names[1]
	other = chat.Name("a:b")
)

var errDown = errors.New("the database is down")

// sameLane returns chats of one lane, which is not that of a:b.
func sameLane(n int) (found []chat.Name) {
	for r := 'a'; len(found) < n; r++ {
		name := chat.Name("zoe:" + string(r))
		if name.Lane() != chat.Name("a:b").Lane() && (len(found) == 0 || name.Lane() == found[0].Lane()) {
			found = append(found, name)
		}
	}
	return found
}
