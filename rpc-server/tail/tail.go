package tail

import (
	"context"
	"errors"
	"fmt"
	"math"

	"example.com/im/idl/chat"
	"example.com/im/rpc-server/store"
)

// Settings are those of a Tail, for kong.
type Settings struct {
	Bytes int64 `name:"tail-bytes" env:"TAIL_BYTES" default:"67108864" help:"Memory for the newest messages of the chats that are pulled, in bytes. 0: none, every pull reads the database's index."`
}

// Validate implements kong's hook.
func (s Settings) Validate() error {
	if s.Bytes < 0 {
		return errors.New("TAIL_BYTES must not be negative")
	}
	return nil
}

// Tail answers pulls. It is safe for concurrent use.
type Tail struct {
	readPage func(context.Context, store.Query) (store.Page, error)
	nextRead func() *store.LaneRead // of laneReads

	laneReads store.LaneReads
	lanes     [chat.Lanes]lane
	limit     int64 // bytes
	counts    counts
}

// New returns a Tail over st. Its owner calls [Tail.Begin] and [Tail.End] with every
// commit of this instance.
func New(st *store.Store, settings Settings) *Tail {
	t := &Tail{readPage: st.Page, limit: settings.Bytes}
	for id := range t.lanes {
		t.lanes[id].init(&t.counts)
	}
	t.laneReads = store.LaneReads{Read: st.Lanes, Learn: t.learn, Pause: pause}
	t.nextRead = t.laneReads.Next
	return t
}

// Page returns what [store.Store.Page] would return for q, with the same errors. It
// also returns [store.ErrUnavailable] where ctx ends the wait for a read that this pull
// shares with others.
func (t *Tail) Page(ctx context.Context, q store.Query) (store.Page, error) {
	if t.limit == 0 {
		return t.fromIndex(ctx, q)
	}
	l := &t.lanes[q.Chat.Lane()]
	e, mine := l.entry(q.Chat)
	if mine {
		return t.load(ctx, l, e, q)
	}
	select {
	case <-e.loaded:
	case <-ctx.Done():
		return store.Page{}, late(ctx)
	}
	if !l.covers(e, q) {
		return t.fromIndex(ctx, q)
	}
	lanes, err := t.Lanes(ctx)
	if err != nil {
		return store.Page{}, err
	}
	if l.current(ctx, lanes[q.Chat.Lane()]) {
		if page, ok := l.page(e, q); ok {
			t.counts.memory.Add(1)
			return page, nil
		}
	}
	return t.fromIndex(ctx, q)
}

// load fills e with its chat's newest page, and answers the pull that has put e into l.
// Other pulls of the chat wait for it.
//
// The entry is in the lane before the page is read. So a commit of this instance is in
// the page, or is added to the entry, or both. A commit of another instance is in the
// page, or comes after it. In the second case it is above the lane's complete, and the
// next lane read or own commit forgets the entry. (The page may hold messages above
// complete: a later lane read shows at least these.) An entry that was forgotten while
// its page was read answers this pull alone.
func (t *Tail) load(ctx context.Context, l *lane, e *entry, q store.Query) (store.Page, error) {
	defer l.loaded(e)
	newest, err := t.readPage(ctx, store.Query{Chat: q.Chat, Limit: kept, Reverse: true})
	if err != nil {
		return store.Page{}, err
	}
	page, ok := l.fill(e, newest, q)
	t.shrink()
	if !ok {
		return t.fromIndex(ctx, q)
	}
	t.counts.loads.Add(1)
	return page, nil
}

func (t *Tail) fromIndex(ctx context.Context, q store.Query) (store.Page, error) {
	t.counts.index.Add(1)
	return t.readPage(ctx, q)
}

// shrink drops the least recently used chats until memory is within its bound.
func (t *Tail) shrink() {
	for t.counts.bytes.Load() > t.limit {
		longest, since := 0, uint64(math.MaxUint64)
		for id := range t.lanes {
			if used := t.lanes[id].oldest(); used < since {
				longest, since = id, used
			}
		}
		t.lanes[longest].evict()
	}
}

// late is the error of a wait that ctx has ended.
func late(ctx context.Context) error {
	return fmt.Errorf("%w: no answer in time: %w", store.ErrUnavailable, ctx.Err())
}
