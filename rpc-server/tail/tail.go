// Package tail answers pulls of the newest messages from memory, where it can
// prove that the database would answer the same, and the others from the
// database. It keeps the newest messages of the chats that were pulled recently,
// bounded in bytes, and knows lane by lane up to which send_time they are complete.
//
// The proof is one read of the lanes, a look, that started after the pull had
// come. A lane's row is locked until its messages are committed, so a plain
// SELECT, at READ COMMITTED or above, shows a lane at T if and only if it shows
// all its messages up to T, and none will ever be added at or below T. Hence:
//
//   - What was acknowledged before the pull came, on any instance, is at or below
//     what the look shows. If the lane's memory is complete up to there, it is in
//     memory. (On Galera this needs wsrep_sync_wait, which the store sets.)
//   - If the look shows more than memory has, the lane is forgotten. A commit that
//     comes after the look is not this pull's concern.
//   - Whatever else happens, the lane's complete stays below the database's value,
//     and the next look tells: a commit whose outcome is not known, a commit of
//     this instance that failed, a lost connection, a crash of the database. So
//     none of them needs a rule of its own.
//
// Page reads need no proof: they start after the pull has come as well.
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
	looks    looks
	lanes    [chat.Lanes]lane
	limit    int64 // bytes
	counts   counts
}

// New returns a Tail over st. It has to be told of every commit of this
// instance, by [Tail.Begin] and [Tail.End].
func New(st *store.Store, settings Settings) *Tail {
	t := &Tail{readPage: st.Page, limit: settings.Bytes}
	for id := range t.lanes {
		t.lanes[id].init(&t.counts)
	}
	t.looks = looks{read: st.Lanes, learn: t.learn}
	return t
}

// Page returns what [store.Store.Page] would return for q. Its errors are the
// same, and [store.ErrUnavailable] where ctx ends the wait for a read that this
// pull shares with others.
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
	lanes, err := t.looks.next(ctx)
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

// load fills e, which this pull has put into l, with the chat's newest page, and
// answers the pull. Who else pulls the chat waits for it.
//
// The entry is in the lane before the page is read: so each commit of this
// instance is in the page, or is added to the entry, or both. A commit of another
// instance is in the page, or comes after it; then it is above the lane's complete,
// which forgets the entry at the next look or own commit. (The page may hold
// messages above complete: a later look shows at least these.) An entry that was
// forgotten while it was read answers this pull alone.
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

// learn takes note of what a look has shown: also of lanes that nobody waits for,
// so that what is loaded there later is not behind from the start.
func (t *Tail) learn(lanes *store.Lanes) {
	for id := range t.lanes {
		t.lanes[id].learn(lanes[id])
	}
}

// shrink takes the least recently used chats out of memory until it is within its
// bound.
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
