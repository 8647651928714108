package overload

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"example.com/im/test/process"
)

const (
	watchInterval = 250 * time.Millisecond
	// The second half of an overload may take more memory than the first, because of
	// the garbage collector's rhythm: memoryGrowth times as much, and memorySlack
	// bytes.
	memoryGrowth = 1.25
	memorySlack  = 16 << 20
)

// watch looks at a system while it is overloaded.
type watch struct {
	overload *overload
	stop     context.CancelFunc
	done     chan struct{}

	rpcMemory, gatewayMemory []int64 // bytes
	conns                    []int   // of the rpc-server to the database
	err                      error
}

// watch starts to look.
func (o *overload) watch(t *testing.T) *watch {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	w := &watch{overload: o, stop: stop, done: make(chan struct{})}
	go func() {
		defer close(w.done)
		tick := time.NewTicker(watchInterval)
		defer tick.Stop()
		for w.err == nil {
			select {
			case <-tick.C:
				w.err = w.look(context.WithoutCancel(ctx))
			case <-ctx.Done():
				return
			}
		}
	}()
	return w
}

// look looks once.
func (w *watch) look(ctx context.Context) error {
	rpc, rpcErr := w.overload.RPCServers[0].Memory()
	gateway, gatewayErr := w.overload.Gateways[0].Memory()
	var conns int
	err := w.overload.admin.QueryRowContext(ctx,
		"SELECT COUNT(*) FROM information_schema.processlist WHERE db = ?", w.overload.database).Scan(&conns)
	w.rpcMemory, w.gatewayMemory, w.conns = append(w.rpcMemory, rpc), append(w.gatewayMemory, gateway), append(w.conns, conns)
	return errors.Join(rpcErr, gatewayErr, err)
}

// finish ends the watch, and tells what of memory and connections was not bounded.
func (w *watch) finish(t *testing.T) error {
	t.Helper()
	w.stop()
	<-w.done
	if w.err != nil || len(w.conns) < 2 {
		t.Fatalf("looked %d times: %v", len(w.conns), w.err)
	}
	var err error
	most := slices.Max(w.conns)
	if most > dbConns || most < 2 {
		err = fmt.Errorf("up to %d database connections; want several, and at most %d", most, dbConns)
	}
	t.Logf("up to %d database connections", most)
	return errors.Join(err, growth(t, w.overload.RPCServers[0].Process, w.rpcMemory),
		growth(t, w.overload.Gateways[0].Process, w.gatewayMemory))
}

// growth tells whether a program's memory has grown in the second half.
func growth(t *testing.T, p *process.Process, memory []int64) error {
	t.Helper()
	half := len(memory) / 2
	first, second := slices.Max(memory[:half]), slices.Max(memory[half:])
	t.Logf("%s: up to %d MiB in the first half, %d in the second", p.Name(), first>>20, second>>20)
	if float64(second) > memoryGrowth*float64(first)+memorySlack {
		return fmt.Errorf("%s grew from %d to %d MiB", p.Name(), first>>20, second>>20)
	}
	return nil
}
