package rpc

import (
	"errors"

	"github.com/prometheus/client_golang/prometheus"

	"example.com/im/http-server/fault"
)

// metrics are what a client counts.
type metrics struct {
	calls *prometheus.CounterVec
	batch *prometheus.HistogramVec
}

// newMetrics makes the metrics and registers them.
func newMetrics(r prometheus.Registerer, d *directory) (*metrics, error) {
	m := &metrics{
		calls: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "im_rpc_client_requests_total",
			Help: "Calls of rpc-servers, retries included, by method and outcome.",
		}, []string{"method", "code"}),
		batch: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name:    "im_rpc_client_batch_size",
			Help:    "Requests in one shared call of an rpc-server, by method.",
			Buckets: prometheus.ExponentialBuckets(1, 2, 10),
		}, []string{"method"}),
	}
	return m, errors.Join(r.Register(m.calls), r.Register(m.batch),
		r.Register(prometheus.NewGaugeFunc(prometheus.GaugeOpts{
			Name: "im_http_rpc_servers",
			Help: "Instances of rpc-server that are known from etcd.",
		}, func() float64 { return float64(d.size()) })))
}

// called counts an attempt of a call by its outcome: ok, or the code of its error.
func (m *metrics) called(method string, err error) {
	outcome := "ok"
	if err != nil {
		outcome = string(fault.Of(err).Code)
	}
	m.calls.WithLabelValues(method, outcome).Inc()
}
