package gateway

import (
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
)

// otherRoute is the route label of requests that match no route. It keeps callers from
// making up labels.
const otherRoute = "other"

// Why load is shed, as the metric names it: by the setting that bounds the load.
const (
	shedRate        = "rate_limit"
	shedRequests    = "max_requests"
	shedReaders     = "max_waiting"
	shedConnections = "max_connections"
	shedAnswers     = "max_answer_bytes"

	shedClientConnections = "max_connections_per_client"
	shedClientAnswers     = "max_answer_bytes_per_client"
)

// metrics are what a gateway counts.
type metrics struct {
	requests *prometheus.CounterVec
	duration *prometheus.HistogramVec
	inFlight prometheus.Gauge
	shed     *prometheus.CounterVec
}

// newMetrics makes the metrics and registers them. answerBytes tells what answers take.
func newMetrics(r prometheus.Registerer, answerBytes func() int64) (*metrics, error) {
	m := &metrics{
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "im_http_requests_total",
			Help: "HTTP requests answered, by route and status.",
		}, []string{"route", "status"}),
		duration: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name:    "im_http_request_duration_seconds",
			Help:    "Time from a request's arrival to its answer, by route.",
			Buckets: prometheus.ExponentialBuckets(0.000_25, 2, 16), // to 8 s
		}, []string{"route"}),
		inFlight: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "im_http_requests_in_flight",
			Help: "HTTP requests being answered.",
		}),
		shed: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "im_http_shed_total",
			Help: "API calls answered 503, and connections closed, because there are too many, by the setting that bounds them.",
		}, []string{"reason"}),
	}
	answers := prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "im_http_answer_bytes",
		Help: "Memory of the API's long answers that clients have not yet taken.",
	}, func() float64 { return float64(answerBytes()) })
	for _, reason := range []string{shedRate, shedRequests, shedReaders, shedConnections, shedAnswers, shedClientConnections, shedClientAnswers} {
		m.shed.WithLabelValues(reason) // rate() misses the first event of a counter that appears with it
	}
	for _, c := range []prometheus.Collector{
		m.requests, m.duration, m.inFlight, m.shed, answers, collectors.NewBuildInfoCollector(),
	} {
		if err := r.Register(c); err != nil {
			return nil, err
		}
	}
	return m, nil
}

// answered counts a request. The route is empty if the request matches none.
func (m *metrics) answered(route string, status int, took time.Duration) {
	if route == "" {
		route = otherRoute
	}
	m.requests.WithLabelValues(route, strconv.Itoa(status)).Inc()
	m.duration.WithLabelValues(route).Observe(took.Seconds())
}
