package im

import (
	"errors"
	"fmt"
	"maps"
	"testing"

	"github.com/prometheus/client_golang/prometheus"

	"example.com/im/rpc-server/sequencer"
	"example.com/im/rpc-server/store"
)

// A refusal for load is counted by its reason, and no other error is.
func TestShedReasons(t *testing.T) {
	t.Parallel()
	for reason, err := range map[string]error{
		"queue_full": sequencer.ErrFull, "send_wait": sequencer.ErrBusy, "send_expired": sequencer.ErrExpired, "pull_wait": store.ErrBusy,
	} {
		registry := prometheus.NewRegistry()
		s := newShed(registry)
		for _, other := range []error{nil, errNoRequest, store.ErrUnavailable, store.ErrUnknown, sequencer.ErrTimeout, errors.New("a defect")} {
			s.call(other)
		}
		s.call(fmt.Errorf("wrapped: %w", err))
		want := map[string]float64{"queue_full": 0, "send_wait": 0, "send_expired": 0, "pull_wait": 0, "max_connections": 0}
		want[reason] = 1
		if got := reasonsIn(t, registry); !maps.Equal(got, want) {
			t.Errorf("%v is counted as %v; want %v", err, got, want)
		}
	}
}

// reasonsIn returns the only counter in a registry, by its only label.
func reasonsIn(t *testing.T, registry *prometheus.Registry) map[string]float64 {
	t.Helper()
	families, err := registry.Gather()
	if err != nil || len(families) != 1 {
		t.Fatalf("%d metrics, %v; want one", len(families), err)
	}
	reasons := make(map[string]float64)
	for _, m := range families[0].GetMetric() {
		reasons[m.GetLabel()[0].GetValue()] = m.GetCounter().GetValue()
	}
	return reasons
}
