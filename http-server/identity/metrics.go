package identity

import "github.com/prometheus/client_golang/prometheus"

// outcomes count what has become of tokens.
type outcomes struct{ remembered, verified, refused, unavailable prometheus.Counter }

func newOutcomes(r prometheus.Registerer) (outcomes, error) {
	tokens := prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "im_http_tokens_total",
		Help: "Tokens of callers: remembered, verified, refused, or unavailable because the identity server did not answer.",
	}, []string{"outcome"})
	if err := r.Register(tokens); err != nil {
		return outcomes{}, err
	}
	return outcomes{
		tokens.WithLabelValues("remembered"), tokens.WithLabelValues("verified"),
		tokens.WithLabelValues("refused"), tokens.WithLabelValues("unavailable"),
	}, nil
}
