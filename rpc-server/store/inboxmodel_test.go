package store_test

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"example.com/im/idl/chat"
	"example.com/im/rpc-server/store"
	"example.com/im/rpc-server/store/storetest"
)

// Every page of random inboxes, sizes and places, between random commits, is the one
// that a model in memory gives.
func TestInboxesAgreeWithModel(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, open func() *store.Store) {
		seed := rand.Uint64()
		t.Logf("seed %d", seed)
		r := rand.New(rand.NewPCG(seed, 0))
		instances, m := []*store.Store{open(), open()}, inboxModel{}
		instances[1].RememberRows(4) // it has to search often
		for range storetest.Cases(t, 3_000, 1_000) {
			if r.IntN(5) == 0 {
				m.commit(t, r, instances[r.IntN(len(instances))])
			}
			q := m.query(r)
			got, want := inbox(t, instances[r.IntN(len(instances))], q), m.page(q)
			if got.HasMore != want.HasMore || !slices.Equal(got.Last, want.Last) {
				t.Fatalf("Inbox(%+v) = %+v; want %+v", q, got, want)
			}
		}
	})
}

// inboxModel holds the last message of each chat.
type inboxModel map[chat.Name]store.Message

var modelMembers = []string{"a", "b", "é", "ab", "ß", "zz"}

// commit stores a random batch by a clock that jumps, and often stands still.
func (m inboxModel) commit(t *testing.T, r *rand.Rand, st *store.Store) {
	t.Helper()
	var batch []*store.Send
	for range 1 + r.IntN(4) {
		one, other := modelMembers[r.IntN(len(modelMembers))], modelMembers[r.IntN(len(modelMembers))]
		batch = append(batch, message(min(one, other)+":"+max(one, other), fmt.Sprint(r.Uint32())))
	}
	clock := time.UnixMicro(1_800_000_000_000_000 + int64(r.IntN(20)))
	if err := st.Commit(batch, func() time.Time { return clock }); err != nil {
		t.Fatal(err)
	}
	for _, stored := range batch {
		m[stored.Chat] = stored.Message
	}
}

// query returns a random query, most often after a chat of the model or beside it.
func (m inboxModel) query(r *rand.Rand) store.InboxQuery {
	q := store.InboxQuery{Member: modelMembers[r.IntN(len(modelMembers))], Limit: 1 + r.IntN(8)}
	if all := m.of(q.Member); len(all) > 0 && r.IntN(4) > 0 {
		last := all[r.IntN(len(all))]
		q.After = store.Place{SendTime: last.SendTime + int64(r.IntN(3)) - 1, Chat: last.Chat}
	}
	return q
}

// of returns a member's chats in the order of its inbox.
func (m inboxModel) of(member string) (all []store.Message) {
	for name, last := range m {
		if first, second := name.Members(); member == first || member == second {
			all = append(all, last)
		}
	}
	slices.SortFunc(all, func(a, b store.Message) int {
		return cmp.Or(cmp.Compare(b.SendTime, a.SendTime), strings.Compare(string(a.Chat), string(b.Chat)))
	})
	return all
}

// page answers q by the contract, the slow way.
func (m inboxModel) page(q store.InboxQuery) store.Inbox {
	all := slices.DeleteFunc(m.of(q.Member), func(last store.Message) bool {
		return q.After != (store.Place{}) &&
			(last.SendTime > q.After.SendTime || last.SendTime == q.After.SendTime && last.Chat <= q.After.Chat)
	})
	return store.Inbox{Last: all[:min(q.Limit, len(all))], HasMore: len(all) > q.Limit}
}
