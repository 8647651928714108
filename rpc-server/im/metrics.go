package im

import (
	"errors"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"example.com/im/idl/gen/im"
	"example.com/im/rpc-server/news"
	"example.com/im/rpc-server/sequencer"
	"example.com/im/rpc-server/store"
	"example.com/im/rpc-server/tail"
)

// latencyBuckets are in seconds, from 0.25 ms to 8 s.
var latencyBuckets = prometheus.ExponentialBuckets(0.00025, 2, 16)

// metrics are the service's own measurements.
type metrics struct {
	calls     *prometheus.CounterVec
	latency   *prometheus.HistogramVec
	batch     prometheus.Histogram
	commits   *prometheus.HistogramVec
	conflicts prometheus.Counter
	ahead     prometheus.Gauge
	laneReads *prometheus.CounterVec
	shed      shed
}

// newMetrics registers the measurements with r.
func newMetrics(r prometheus.Registerer) *metrics {
	m := &metrics{
		calls: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "im_rpc_requests_total", Help: "Calls answered.",
		}, []string{"method", "code"}),
		latency: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "im_rpc_request_duration_seconds", Help: "Time to answer a call.", Buckets: latencyBuckets,
		}, []string{"method"}),
		batch: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "im_batch_messages", Help: "Messages in a commit.", Buckets: prometheus.ExponentialBuckets(1, 2, 10),
		}),
		commits: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "im_commit_duration_seconds", Help: "Time of a commit, by outcome.", Buckets: latencyBuckets,
		}, []string{"outcome"}),
		conflicts: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "im_commit_conflicts_total", Help: "Commits that failed because another transaction was in the way.",
		}),
		ahead: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "im_send_time_ahead_seconds", Help: "How far the latest send_time was ahead of this instance's clock.",
		}),
		laneReads: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "im_news_lane_reads_total", Help: "Reads of the lanes for news of other instances' commits, by outcome.",
		}, []string{"outcome"}),
		shed: newShed(r),
	}
	for _, outcome := range []string{"stored", "conflict", "unavailable", "unknown", "refused"} {
		m.commits.WithLabelValues(outcome) // rate() misses the first event of a series that appears with it
	}
	r.MustRegister(m.calls, m.latency, m.batch, m.commits, m.conflicts, m.ahead, m.laneReads)
	return m
}

// registerGauges registers what a scrape reads from the parts of the service.
func registerGauges(r prometheus.Registerer, t *tail.Tail, q *sequencer.Sequencer, n *news.News, st *store.Store, h *health) {
	r.MustRegister(
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{
			Name: "im_ready", Help: "1 if the instance can serve: it reaches its database, with whose clock its own agrees; else 0.",
		}, func() float64 {
			if h.problem() != nil {
				return 0
			}
			return 1
		}),
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{
			Name: "im_queue_waiting", Help: "Sends that wait for a commit.",
		}, func() float64 { return float64(q.Waiting()) }),
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{
			Name: "im_watchers", Help: "Calls that wait for news.",
		}, func() float64 { return float64(n.Watchers()) }),
		collectors.NewDBStatsCollector(st.DB(), "im"),
		collectors.NewBuildInfoCollector(),
	)
	registerTailGauges(r, t)
}

// registerTailGauges registers what a scrape reads from t.
func registerTailGauges(r prometheus.Registerer, t *tail.Tail) {
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
			Name: "im_lane_reads_total", Help: "Reads of the lanes. All pulls that wait share one.",
		}, func() float64 { return float64(t.Stats().LaneReads) }),
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

// call counts a call whose answer has the code of err.
func (m *metrics) call(method string, code im.Code, err error, took time.Duration) {
	m.shed.call(err)
	m.calls.WithLabelValues(method, strings.ToLower(code.String())).Inc()
	m.latency.WithLabelValues(method).Observe(took.Seconds())
}

// commit counts a commit.
func (m *metrics) commit(c sequencer.Commit) {
	m.batch.Observe(float64(len(c.Sends)))
	m.commits.WithLabelValues(outcomeOf(c.Err)).Observe(c.Took.Seconds())
	switch {
	case c.Err == nil:
		m.ahead.Set(c.Ahead.Seconds())
	case errors.Is(c.Err, store.ErrConflict):
		m.conflicts.Inc()
	}
}

// laneRead counts a read of the lanes for news.
func (m *metrics) laneRead(err error) {
	outcome := outcomeOf(err)
	if err == nil {
		outcome = "read"
	}
	m.laneReads.WithLabelValues(outcome).Inc()
}

// outcomeOf names what became of a commit.
func outcomeOf(err error) string {
	switch {
	case err == nil:
		return "stored"
	case errors.Is(err, store.ErrConflict):
		return "conflict"
	case errors.Is(err, store.ErrUnavailable):
		return "unavailable"
	case errors.Is(err, store.ErrUnknown):
		return "unknown"
	}
	return "refused"
}
