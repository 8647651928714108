package bench

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"example.com/im/idl/chat"
	"example.com/im/idl/daemon"
	"example.com/im/rpc-server/sequencer"
	"example.com/im/rpc-server/store"
	"example.com/im/test/bench/load"
	"example.com/im/test/bench/message"
	"example.com/im/test/bench/usage"
)

// store returns the sequencer in this process, called by so many goroutines, with
// sends to one of the scale's chats at a time.
func (w *world) store(callers int) contender {
	w.Helper()
	names := make([]chat.Name, w.scale.chats)
	for i := range names {
		names[i] = chat.Name(message.Chat(i))
	}
	return w.storeTo(callers, func(n uint64) chat.Name { return names[load.Pick(n, len(names))] })
}

// storeTo is store with the nth send to the chat that it is for.
func (w *world) storeTo(callers int, to func(n uint64) chat.Name) contender {
	w.Helper()
	ctx, stop := context.WithCancel(context.WithoutCancel(w.ctx))
	seq := sequencer.New(w.open("store"), sequencer.Config{Settings: daemon.Default[sequencer.Settings]()})
	stopped := make(chan struct{})
	go func() {
		seq.Run(ctx)
		close(stopped)
	}()
	w.Cleanup(func() {
		stop()
		<-stopped
	})
	var next atomic.Uint64
	send := func(ctx context.Context) error {
		n := next.Add(1)
		return seq.Send(ctx, &store.Send{Message: store.Message{
			Chat: to(n), Sender: message.Sender, Text: message.Text(n),
		}})
	}
	return w.inProcess(fmt.Sprintf("%d connections", callers), callers, send)
}

// inProcess returns the part of the product that f calls in this process, under a
// closed loop.
func (w *world) inProcess(name string, callers int, f func(context.Context) error) contender {
	return contender{
		load: name, subject: "store",
		processes: usage.Processes{"load": {os.Getpid()}, "database": {w.mariadb.PID()}},
		run:       func(ctx context.Context, d time.Duration) *load.Result { return call(ctx, callers, d, f) },
	}
}

// call is a closed loop of calls in this process.
func call(ctx context.Context, callers int, d time.Duration, f func(context.Context) error) *load.Result {
	begin := time.Now()
	end := begin.Add(d)
	recorder := load.NewRecorder(begin, d)
	var group sync.WaitGroup
	for range callers {
		group.Go(func() {
			for asked := time.Now(); asked.Before(end) && ctx.Err() == nil; asked = time.Now() {
				if err := f(ctx); err != nil {
					recorder.Fail(asked, err)
					continue
				}
				recorder.Add(http.StatusOK, asked, nil)
			}
		})
	}
	group.Wait()
	return recorder.Result()
}
