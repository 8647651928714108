package telemetry

import (
	"testing"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
)

func TestQueriesAreNotExported(t *testing.T) {
	t.Parallel()
	exported := tracetest.NewInMemoryExporter()
	span := tracetest.SpanStub{Attributes: []attribute.KeyValue{
		attribute.String("http.url", "http://im/api/pull?chat=alice:bob"), attribute.String("http.target", "/api/pull?chat=alice:bob"),
		attribute.String("url.full", "http://im/ping"), attribute.String("url.query", "chat=alice:bob"), attribute.Int("http.status_code", 200),
	}}.Snapshot()
	if err := (withoutQueries{exported}).ExportSpans(t.Context(), []trace.ReadOnlySpan{span}); err != nil {
		t.Fatal(err)
	}
	got := attribute.NewSet(exported.GetSpans()[0].Attributes...)
	want := attribute.NewSet(attribute.String("http.url", "http://im/api/pull"), attribute.String("http.target", "/api/pull"),
		attribute.String("url.full", "http://im/ping"), attribute.Int("http.status_code", 200))
	if !got.Equals(&want) {
		t.Errorf("exported are %v; want %v", got.ToSlice(), want.ToSlice())
	}
}
