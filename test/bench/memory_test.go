package bench

import (
	"fmt"
	"slices"
	"sync"
	"time"

	"example.com/im/test/bench/load"
	"example.com/im/test/bench/report"
)

// memorySamples is how often memory is looked at.
const memorySamples = 60

// services are both of a system, in the order in which their memory is told.
var services = [...]string{"gateway", "rpc-server"}

// memoryUse measures how much memory the services take with many connections
// under load, and whether it grows.
func (w *world) memoryUse() {
	conns, request := w.scale.conns[len(w.scale.conns)-1], load.Newest(w.scale.chats, pageSize)
	sys := w.system("ours")
	sends := w.capacity(w.counted(w.closed("ours", conns, load.Send(w.scale.chats)))) / 4
	pulls := w.capacity(w.closed("ours", conns, request)) / 4
	s := w.section("Memory", fmt.Sprintf("%d connections, half of which send and half pull, at a quarter of what the product takes of either, for %v. "+
		"Growth is the slope of least squares after the first quarter of the time.", w.scale.crowd, w.scale.memoryFor))
	contenders := []contender{
		w.counted(w.openedOn(sys, "ours", w.scale.crowd/2, sends, load.Send(w.scale.chats))),
		w.openedOn(sys, "ours", w.scale.crowd/2+1, pulls, request),
	}
	contenders[0].load, contenders[1].load = "sends, "+contenders[0].load, "pulls, "+contenders[1].load
	w.scale.length = w.scale.memoryFor
	var (
		loads sync.WaitGroup
		both  [2]report.Trial
	)
	for i, c := range contenders {
		c.processes = nil // they share them
		loads.Go(func() { both[i] = w.trial(c) })
	}
	w.watchMemory(s, sys)
	loads.Wait()
	for i, c := range contenders {
		row := s.Row(c.load, c.subject)
		row.Trials = append(row.Trials, both[i])
	}
}

// watchMemory looks at the memory of both services for the length of a trial.
func (w *world) watchMemory(s *report.Section, sys *system) {
	w.Helper()
	var (
		minutes []float64
		mib     [2][]float64
	)
	begin := time.Now()
	for n := range memorySamples {
		w.pause(time.Until(begin.Add(w.scale.length * time.Duration(n+1) / memorySamples)))
		minutes = append(minutes, time.Since(begin).Minutes())
		for i, m := range w.memory(sys) {
			mib[i] = append(mib[i], m)
		}
	}
	const settled = memorySamples / 4
	for i, name := range services {
		s.Add(name+", half-way", "MiB", mib[i][memorySamples/2])
		s.Add(name+", most", "MiB", slices.Max(mib[i]))
		s.Add(name+", growth", "MiB a minute", report.Slope(minutes[settled:], mib[i][settled:]))
	}
}

// memory returns how many MiB of memory the gateway and the rpc-servers take.
func (w *world) memory(sys *system) [2]float64 {
	w.Helper()
	var mib [2]float64
	add := func(i int, bytes int64, err error) {
		if err != nil {
			w.Fatal(err)
		}
		mib[i] += float64(bytes) / (1 << 20)
	}
	for _, g := range sys.Gateways {
		bytes, err := g.Memory()
		add(0, bytes, err)
	}
	for _, r := range sys.RPCServers {
		bytes, err := r.Memory()
		add(1, bytes, err)
	}
	return mib
}

// putMemory puts down what both services of a system hold.
func (w *world) putMemory(s *report.Section, name string, sys *system) {
	w.Helper()
	for i, mib := range w.memory(sys) {
		s.Put(name+", memory of "+services[i], "MiB", mib)
	}
}

// pause waits, unless the run is interrupted.
func (w *world) pause(d time.Duration) {
	w.Helper()
	select {
	case <-time.After(d):
	case <-w.ctx.Done():
		w.Fatal("interrupted")
	}
}
