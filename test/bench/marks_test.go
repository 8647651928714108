package bench

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"example.com/im/idl/daemon"
	"example.com/im/rpc-server/sequencer"
	"example.com/im/rpc-server/store"
	"example.com/im/test/bench/load"
	"example.com/im/test/bench/message"
	"example.com/im/test/bench/report"
)

// marks measures sends to the group in this process, alone, and while each of its members
// marks the newest message as read again and again. So it shows what the marks cost the
// commits, without the calls that bring them.
func (w *world) marks(s *report.Section, senders int) {
	w.Helper()
	ctx, stop := context.WithCancel(context.WithoutCancel(w.ctx))
	seq := sequencer.New(w.open("member"), sequencer.Config{Settings: daemon.Default[sequencer.Settings]()})
	stopped := make(chan struct{})
	go func() {
		defer close(stopped)
		seq.Run(ctx)
	}()
	var newest, next atomic.Int64
	send := func(ctx context.Context) error {
		n := next.Add(1)
		m := &store.Send{Message: store.Message{Chat: crowd, Sender: "u0", Text: message.Text(uint64(n))}, Member: "u0"}
		err := seq.Send(ctx, m)
		newest.Store(m.SendTime)
		return err
	}
	alone := w.inProcess("sends to the group", senders, send)
	beside := alone
	beside.load = fmt.Sprintf("sends to the group, %d members mark", w.scale.group)
	beside.run = func(ctx context.Context, d time.Duration) *load.Result {
		defer w.readAlong(ctx, seq, &newest)()
		return alone.run(ctx, d)
	}
	w.compare(s, alone, beside)
	s.Add("sends to the group beside marks / alone", "", report.Ratios(s.Row(beside.load, "store").Rates(), s.Row(alone.load, "store").Rates())...)
	stop()
	<-stopped
}

// readAlong has all members of the group mark each newest message, each after the
// other's mark is stored. It returns what ends that.
func (w *world) readAlong(ctx context.Context, seq *sequencer.Sequencer, newest *atomic.Int64) (end func()) {
	ctx, stop := context.WithCancel(ctx)
	var readers sync.WaitGroup
	for i := range w.scale.group {
		readers.Go(func() {
			for read := int64(0); ctx.Err() == nil; {
				at := newest.Load()
				if at == read {
					time.Sleep(time.Millisecond) // nothing new to read
					continue
				}
				mark := &store.Send{Message: store.Message{Chat: crowd}, Member: fmt.Sprintf("u%d", i), ReadUpTo: at}
				if seq.Send(ctx, mark) == nil {
					read = at
				}
			}
		})
	}
	return func() {
		stop()
		readers.Wait()
	}
}
