package telemetry_test

import (
	"log/slog"
	"testing"

	"go.opentelemetry.io/otel/trace"

	"example.com/im/idl/telemetry"
)

// What Parent writes, Under reads; what is none changes nothing.
func TestParent(t *testing.T) {
	t.Parallel()
	of := trace.NewSpanContext(trace.SpanContextConfig{
		TraceID: trace.TraceID{1, 2}, SpanID: trace.SpanID{3}, TraceFlags: trace.FlagsSampled,
	})
	parent := telemetry.Parent(trace.ContextWithSpanContext(t.Context(), of))
	if parent == nil || *parent != "00-01020000000000000000000000000000-0300000000000000-01" {
		t.Fatalf("Parent = %v", parent)
	}
	got := trace.SpanContextFromContext(telemetry.Under(t.Context(), parent))
	if !got.IsRemote() || got.TraceID() != of.TraceID() || got.SpanID() != of.SpanID() || !got.IsSampled() {
		t.Errorf("Under = %v; want %v, of another process", got, of)
	}
	if parent := telemetry.Parent(trace.ContextWithSpanContext(t.Context(), of.WithTraceFlags(0))); parent != nil {
		t.Errorf("Parent of a span that is not recorded = %q", *parent)
	}
	if parent := telemetry.Parent(t.Context()); parent != nil {
		t.Errorf("Parent of nothing = %q", *parent)
	}
	wrong := "00-nonsense"
	for _, parent := range []*string{nil, &wrong} {
		if trace.SpanContextFromContext(telemetry.Under(t.Context(), parent)).IsValid() {
			t.Errorf("Under %v is a span", parent)
		}
	}
}

// A collector that is away holds up nobody.
func TestCollectorAway(t *testing.T) {
	t.Parallel()
	stop, err := telemetry.Start(t.Context(), "test", "http://127.0.0.1:1", slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	stop()
}
