package im

import (
	"errors"

	"github.com/prometheus/client_golang/prometheus"

	"example.com/im/rpc-server/sequencer"
	"example.com/im/rpc-server/store"
)

// shedConnections is the reason of connections over MAX_CONNECTIONS.
const shedConnections = "max_connections"

// sheds lists the errors of load that the service refuses, with their reasons as the
// metric names them.
var sheds = []struct {
	err    error
	reason string
}{
	{sequencer.ErrFull, "queue_full"},
	{sequencer.ErrBusy, "send_wait"},
	{sequencer.ErrExpired, "send_expired"},
	{store.ErrBusy, "pull_wait"},
}

// shed counts what is refused because there is too much. Kitex's limit of connections
// reports to it, too.
type shed struct{ reasons *prometheus.CounterVec }

// newShed registers the counter with r.
func newShed(r prometheus.Registerer) shed {
	s := shed{prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "im_shed_total", Help: "Sends and pulls refused, and connections closed, because there are too many, by reason:" +
			" the queue is full, the wait would be too long, the caller's time was up in the queue, MAX_CONNECTIONS.",
	}, []string{"reason"})}
	for _, known := range sheds { // rate() misses the first event of a counter that appears with it
		s.reasons.WithLabelValues(known.reason)
	}
	s.reasons.WithLabelValues(shedConnections)
	r.MustRegister(s.reasons)
	return s
}

// call counts a call that has ended with err, if err says that it was shed.
func (s shed) call(err error) {
	for _, known := range sheds {
		if errors.Is(err, known.err) {
			s.reasons.WithLabelValues(known.reason).Inc()
			return
		}
	}
}

// ConnOverloadReport implements Kitex's limiter.LimitReporter.
func (s shed) ConnOverloadReport() { s.reasons.WithLabelValues(shedConnections).Inc() }

// QPSOverloadReport implements Kitex's limiter.LimitReporter; there is no such limit.
func (s shed) QPSOverloadReport() {}
