package tail_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"example.com/im/idl/chat"
	"example.com/im/rpc-server/store"
	"example.com/im/rpc-server/store/storetest"
)

// Whatever was done before, a page is what the store reads at the same time. Before it
// come commits of this instance and of others, some with a lost outcome, and memory is
// too small.
func TestPagesAreTheStores(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, open func() *store.Store) {
		seed := rand.Uint64()
		t.Logf("seed %d", seed)
		w := world{
			T: t, r: rand.New(rand.NewPCG(seed, 0)), times: map[chat.Name][]int64{},
			instances: []*instance{newInstance(open(), limit), newInstance(open(), 300<<10)},
		}
		for range storetest.Cases(t, 1500, 500) {
			i := w.instances[w.r.IntN(len(w.instances))]
			if w.r.IntN(8) == 0 {
				w.commit(i)
			}
			wantSame(t, i, w.query())
			if t.Failed() {
				break
			}
		}
		for _, i := range w.instances {
			wantAudit(t, i)
			if s := i.Stats(); s.Memory < 5 || s.Index < 5 || s.Loads < 5 || s.Forgotten < 5 {
				t.Errorf("Stats = %+v; want pages from everywhere", s)
			}
		}
	})
}

// world is some instances on one database, and the times of its messages.
type world struct {
	*testing.T
	r         *rand.Rand
	instances []*instance
	times     map[chat.Name][]int64
}

// randomChat returns one of a few chats, the first ones more often.
func (w world) randomChat() chat.Name {
	n := w.r.IntN(12)
	return chat.Name(fmt.Sprintf("a:b%d", w.r.IntN(n+1)))
}

// commit stores a random batch through i. Sometimes its outcome is lost, or nothing is
// stored.
func (w world) commit(i *instance) {
	var batch []*store.Send
	length := 20
	if w.r.IntN(20) == 0 {
		length = chat.MaxTextBytes
	}
	for range 1 + w.r.IntN(40) {
		batch = append(batch, &store.Send{Message: store.Message{
			Chat: w.randomChat(), Sender: "a", Text: strings.Repeat("x", 1+w.r.IntN(length)),
		}})
	}
	i.Begin(batch)
	if w.r.IntN(10) == 0 {
		i.End(batch, store.ErrConflict)
		return
	}
	commit(w, i.store, batch)
	for _, s := range batch {
		w.times[s.Chat] = append(w.times[s.Chat], s.SendTime)
	}
	var lost error
	if w.r.IntN(10) == 0 {
		lost = store.ErrUnknown
	}
	i.End(batch, lost)
}

// query returns a random query, most often of the newest messages, with a cursor
// at or beside a message.
func (w world) query() store.Query {
	q := store.Query{Chat: w.randomChat(), Limit: 1 + w.r.IntN(30), Reverse: w.r.IntN(2) == 0}
	if w.r.IntN(10) == 0 {
		q.Limit = 1 + w.r.IntN(chat.MaxLimit)
	}
	times := w.times[q.Chat]
	switch w.r.IntN(8) {
	case 0:
	case 1:
		q.Cursor = math.MaxInt64
	case 2:
		q.Cursor = 1
	case 3:
		q.Cursor = time.Now().UnixMicro()
	default:
		if n := len(times); n > 0 {
			q.Cursor = times[n-1-w.r.IntN(min(n, 150))] + int64(w.r.IntN(3)) - 1
		}
	}
	return q
}

// wantSame compares the page of q from i with that of its store.
func wantSame(t testing.TB, i *instance, q store.Query) {
	t.Helper()
	want, err := i.store.Page(t.Context(), q)
	if err != nil {
		t.Fatal(err)
	}
	got, err := i.Page(t.Context(), q)
	if err != nil {
		t.Fatal(err)
	}
	if got.HasMore != want.HasMore || got.NextCursor != want.NextCursor || !slices.Equal(got.Messages, want.Messages) {
		t.Errorf("Page(%+v) = %s; want %s", q, brief(got), brief(want))
	}
}

// brief describes a page without its texts.
func brief(p store.Page) string {
	s := fmt.Sprintf("%d messages, more: %v, next: %d:", len(p.Messages), p.HasMore, p.NextCursor)
	for _, m := range p.Messages {
		s += fmt.Sprintf(" %d", m.SendTime)
	}
	return s
}
