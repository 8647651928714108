package store_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"example.com/im/idl/chat"
	"example.com/im/rpc-server/store"
	"example.com/im/rpc-server/store/storetest"
)

// Every page, of random chats, sizes and cursors in both directions, between
// random commits, is the one that a model in memory gives.
func TestPagesAgreeWithModel(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, open func() *store.Store) {
		seed := rand.Uint64()
		t.Logf("seed %d", seed)
		r := rand.New(rand.NewPCG(seed, 0))
		st, m := open(), model{}
		for range storetest.Cases(t, 10_000, 2_000) {
			if r.IntN(20) == 0 {
				m.commit(t, r, st)
			}
			q := m.query(r)
			got, want := read(t, st, q), m.page(q)
			if got.HasMore != want.HasMore || got.NextCursor != want.NextCursor ||
				!slices.Equal(got.Messages, want.Messages) {
				t.Fatalf("Page(%+v) = %+v; want %+v", q, got, want)
			}
		}
	})
}

// model is what the store should hold: the messages of each chat in the order of
// their commits.
type model map[chat.Name][]store.Message

const modelChats = 12

func randomChat(r *rand.Rand) chat.Name { return chat.Name(fmt.Sprintf("a:b%d", r.IntN(modelChats))) }

// commit stores a random batch by a clock that jumps.
func (m model) commit(t *testing.T, r *rand.Rand, st *store.Store) {
	t.Helper()
	var batch []*store.Send
	for range 1 + r.IntN(30) {
		batch = append(batch, &store.Send{Message: store.Message{
			Chat: randomChat(r), Sender: "a", Text: fmt.Sprint(r.Uint32()),
		}})
	}
	clock := time.Now().Add(time.Duration(r.IntN(2000)-1000) * time.Millisecond)
	if err := st.Commit(batch, func() time.Time { return clock }); err != nil {
		t.Fatal(err)
	}
	for _, stored := range batch {
		m[stored.Chat] = append(m[stored.Chat], stored.Message)
	}
}

// query returns a random query, most often with a cursor at or beside a message.
func (m model) query(r *rand.Rand) store.Query {
	q := store.Query{Chat: randomChat(r), Limit: 1 + r.IntN(12), Reverse: r.IntN(2) == 0}
	if r.IntN(10) == 0 {
		q.Limit = 1 + r.IntN(300)
	}
	switch messages := m[q.Chat]; r.IntN(6) {
	case 0:
	case 1:
		q.Cursor = math.MaxInt64
	case 2:
		q.Cursor = 1
	default:
		if len(messages) > 0 {
			q.Cursor = messages[r.IntN(len(messages))].SendTime + int64(r.IntN(3)) - 1
		}
	}
	return q
}

// page answers q by the contract, the slow way.
func (m model) page(q store.Query) store.Page {
	messages := slices.Clone(m[q.Chat])
	if q.Reverse {
		slices.Reverse(messages)
	}
	messages = slices.DeleteFunc(messages, func(s store.Message) bool {
		if q.Reverse {
			return q.Cursor != 0 && s.SendTime > q.Cursor
		}
		return s.SendTime < q.Cursor
	})
	switch {
	case len(messages) == 0:
		return store.Page{NextCursor: q.Cursor}
	case len(messages) > q.Limit:
		return store.Page{Messages: messages[:q.Limit], HasMore: true, NextCursor: messages[q.Limit].SendTime}
	case q.Reverse:
		return store.Page{Messages: messages, NextCursor: messages[len(messages)-1].SendTime - 1}
	}
	return store.Page{Messages: messages, NextCursor: messages[len(messages)-1].SendTime + 1}
}
