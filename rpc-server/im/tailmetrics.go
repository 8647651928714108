package im

import (
	"github.com/prometheus/client_golang/prometheus"

	"example.com/im/rpc-server/tail"
)

// watchTail registers what t tells of itself. It is read when it is asked for.
func watchTail(r prometheus.Registerer, t *tail.Tail) {
	pulls := func(source string, n func(tail.Stats) uint64) prometheus.Collector {
		return prometheus.NewCounterFunc(prometheus.CounterOpts{
			Name: "im_pulls_total", Help: "Pulls answered from memory, from the page that brought their chat there" +
				" (load), or from a page of their own (index).",
			ConstLabels: prometheus.Labels{"source": source},
		}, func() float64 { return float64(n(t.Stats())) })
	}
	r.MustRegister(
		pulls("memory", func(s tail.Stats) uint64 { return s.Memory }),
		pulls("load", func(s tail.Stats) uint64 { return s.Loads }),
		pulls("index", func(s tail.Stats) uint64 { return s.Index }),
		prometheus.NewCounterFunc(prometheus.CounterOpts{
			Name: "im_lane_reads_total", Help: "Reads of the lanes, each for all pulls that waited for one.",
		}, func() float64 { return float64(t.Stats().Looks) }),
		prometheus.NewCounterFunc(prometheus.CounterOpts{
			Name: "im_lanes_forgotten_total", Help: "Lanes taken out of memory because another instance had written to them.",
		}, func() float64 { return float64(t.Stats().Forgotten) }),
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{
			Name: "im_tail_chats", Help: "Chats in memory.",
		}, func() float64 { return float64(t.Stats().Chats) }),
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{
			Name: "im_tail_bytes", Help: "Memory that these chats take, as it is counted.",
		}, func() float64 { return float64(t.Stats().Bytes) }),
	)
}
