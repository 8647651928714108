package guard

import "github.com/prometheus/client_golang/prometheus"

// Why load is shed, as the metric names it: by the setting that bounds the load.
const (
	ShedRate        = "rate_limit"
	ShedRequests    = "max_requests"
	ShedReaders     = "max_waiting"
	ShedConnections = "max_connections"
	ShedAnswers     = "max_answer_bytes"

	ShedClientConnections = "max_connections_per_client"
	ShedClientAnswers     = "max_answer_bytes_per_client"
)

// register makes the metrics and registers them. It returns what counts the load that is
// shed, by the reason. answerBytes tells what answers take.
func register(r prometheus.Registerer, answerBytes func() int64) (*prometheus.CounterVec, error) {
	shed := prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "im_http_shed_total",
		Help: "API calls answered 503, and connections closed, because there are too many, by the setting that bounds them.",
	}, []string{"reason"})
	for _, reason := range []string{ShedRate, ShedRequests, ShedReaders, ShedConnections, ShedAnswers, ShedClientConnections, ShedClientAnswers} {
		shed.WithLabelValues(reason) // rate() misses the first event of a counter that appears with it
	}
	answers := prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "im_http_answer_bytes",
		Help: "Memory of the API's long answers that clients have not yet taken.",
	}, func() float64 { return float64(answerBytes()) })
	for _, c := range []prometheus.Collector{shed, answers} {
		if err := r.Register(c); err != nil {
			return nil, err
		}
	}
	return shed, nil
}

// Shed returns the counter of the load that others shed for a reason.
func (g *Guard) Shed(reason string) prometheus.Counter { return g.shed.WithLabelValues(reason) }
