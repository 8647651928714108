package store_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"example.com/im/idl/chat"
	"example.com/im/rpc-server/store"
	"example.com/im/rpc-server/store/storetest"
)

// chats is how many chats the benchmarks write to, so that every lane has some.
const chats = 1000

// benchText is as long as most messages are.
const benchText = "Shall we meet at eight, at the usual place? I bring the book."

// BenchmarkCommit stores one batch. Its messages and keys are new ones.
func BenchmarkCommit(b *testing.B) {
	for _, size := range []int{1, 64, store.MaxBatch} {
		for _, keyed := range []bool{false, true} {
			b.Run(fmt.Sprintf("sends=%d/keyed=%t", size, keyed), func(b *testing.B) {
				storetest.Bench(b, func(b *testing.B, st *store.Store) { benchCommit(b, st, size, keyed) })
			})
		}
	}
}

func benchCommit(b *testing.B, st *store.Store, size int, keyed bool) {
	batch, next := make([]*store.Send, size), 0
	for i := range batch {
		batch[i] = message(fmt.Sprintf("a:b%d", i%chats), benchText)
	}
	b.ReportAllocs()
	for b.Loop() {
		if keyed {
			b.StopTimer() // the keys' allocations are not the store's
			for _, s := range batch {
				next++
				s.Key = fmt.Sprint("key-", next)
			}
			b.StartTimer()
		}
		commit(b, st, batch...)
	}
	b.ReportMetric(float64(size*b.N)/b.Elapsed().Seconds(), "sends/s")
}

// BenchmarkPage reads one page out of the middle of a chat.
func BenchmarkPage(b *testing.B) {
	for _, limit := range []int{20, chat.MaxLimit} {
		for _, reverse := range []bool{false, true} {
			b.Run(fmt.Sprintf("limit=%d/reverse=%t", limit, reverse), func(b *testing.B) {
				storetest.Bench(b, func(b *testing.B, st *store.Store) { benchPage(b, st, limit, reverse) })
			})
		}
	}
}

func benchPage(b *testing.B, st *store.Store, limit int, reverse bool) {
	const messages = 5 * store.MaxBatch
	for range messages / store.MaxBatch {
		batch := make([]*store.Send, store.MaxBatch)
		for i := range batch {
			batch[i] = message("a:b", benchText)
		}
		commit(b, st, batch...)
	}
	q := store.Query{Chat: "a:b", Limit: messages / 2, Reverse: reverse}
	q.Cursor = read(b, st, q).NextCursor
	q.Limit = limit
	b.ReportAllocs()
	for b.Loop() {
		if page := read(b, st, q); len(page.Messages) != limit {
			b.Fatalf("%d messages; want %d", len(page.Messages), limit)
		}
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "pages/s")
}

// BenchmarkPages reads the newest page of many chats, by all processors at once.
func BenchmarkPages(b *testing.B) {
	storetest.Bench(b, func(b *testing.B, st *store.Store) {
		names := make([]chat.Name, chats)
		for i := range names {
			names[i] = chat.Name(fmt.Sprintf("a:b%d", i))
			batch := make([]*store.Send, 25)
			for j := range batch {
				batch[j] = message(string(names[i]), benchText)
			}
			commit(b, st, batch...)
		}
		b.ReportAllocs()
		b.ResetTimer()
		b.RunParallel(func(pb *testing.PB) {
			for pb.Next() {
				read(b, st, store.Query{Chat: names[rand.N(chats)], Limit: 20, Reverse: true})
			}
		})
	})
}
