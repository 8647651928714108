package wait

import (
	"errors"

	"github.com/prometheus/client_golang/prometheus"
)

// Why readers are woken, as the metric names it.
const (
	wokenByNews    = "news"   // an rpc-server tells of their chat or member
	wokenByOthers  = "others" // somebody may have written in their chat
	wokenByLoss    = "lost"   // some news may have been missed
	wokenByFailure = "failed" // its latest look has failed
	wokenByDrain   = "drain"  // the gateway is about to stop
)

// metrics are what a room counts.
type metrics struct {
	wakes   *prometheus.CounterVec
	sources prometheus.Gauge
}

// newMetrics makes the metrics of a room and registers them.
func newMetrics(reg prometheus.Registerer, r *Room) (*metrics, error) {
	m := &metrics{
		wakes: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "im_http_wakes_total",
			Help: "Waiting readers woken, by reason: news of their chat or member, a commit by others that may concern them, lost news, a look that has failed, the gateway draining.",
		}, []string{"reason"}),
		sources: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "im_http_feeds",
			Help: "Instances of rpc-server that answered the latest call for news.",
		}),
	}
	return m, errors.Join(reg.Register(m.wakes), reg.Register(m.sources),
		reg.Register(prometheus.NewGaugeFunc(prometheus.GaugeOpts{
			Name: "im_http_waiting_readers",
			Help: "Pulls and syncs that wait for something new.",
		}, func() float64 { return float64(r.count.Load()) })))
}

// woken counts readers that are woken for a reason.
func (m *metrics) woken(reason string, readers int) {
	if readers > 0 {
		m.wakes.WithLabelValues(reason).Add(float64(readers))
	}
}
