package sequencer_test

import (
	"context"
	"fmt"
	"sync"
	"testing"

	"example.com/im/rpc-server/sequencer"
	"example.com/im/rpc-server/store"
	"example.com/im/rpc-server/store/storetest"
)

// BenchmarkSend sends by several callers, who each wait for their answer. One send is
// one operation.
func BenchmarkSend(b *testing.B) {
	for _, callers := range []int{1, 64, 256} {
		b.Run(fmt.Sprintf("callers=%d", callers), func(b *testing.B) {
			storetest.Bench(b, func(b *testing.B, st *store.Store) { benchSend(b, st, callers) })
		})
	}
}

func benchSend(b *testing.B, st *store.Store, callers int) {
	s := sequencer.New(st, sequencer.Config{Settings: settings})
	ctx, cancel := context.WithCancel(context.Background())
	var running, calling sync.WaitGroup
	running.Go(func() { s.Run(ctx) })
	defer running.Wait()
	defer cancel()

	names := make([]string, 1000)
	for i := range names {
		names[i] = fmt.Sprintf("a:b%d", i)
	}
	b.ReportAllocs()
	b.ResetTimer()
	for caller := range callers {
		calling.Go(func() {
			for i := caller; i < b.N; i += callers {
				m := message(names[i%len(names)], "Shall we meet at eight, at the usual place?")
				if err := s.Send(ctx, m); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	calling.Wait()
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "sends/s")
}
