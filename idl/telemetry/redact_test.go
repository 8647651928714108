package telemetry

import (
	"fmt"
	"strings"
	"testing"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
)

// What a client has sent, and what an error repeats of it, stays here. What operators
// follow a request by is exported.
func TestNamesAreNotExported(t *testing.T) {
	t.Parallel()
	exporter := tracetest.NewInMemoryExporter()
	span := tracetest.SpanStub{
		Attributes: []attribute.KeyValue{
			attribute.String("http.url", "http://im/api/pull?chat=alice:bob"), attribute.String("http.target", "/api/alice"),
			attribute.String("url.full", "http://im/alice"), attribute.String("url.query", "chat=alice:bob"),
			attribute.String("enduser.id", "alice"), attribute.String("any.later.name", "alice"),
			attribute.Int("http.status_code", 200), attribute.String("REQUEST_ID", "id"),
		},
		Events: []trace.Event{{Name: "exception", Attributes: []attribute.KeyValue{
			attribute.String("exception.type", "*mysql.MySQLError"),
			attribute.String("exception.message", "Duplicate entry 'alice:bob-1' for key 'PRIMARY'"),
		}}},
		Status: trace.Status{Code: codes.Error, Description: "alice:bob is no chat"},
	}.Snapshot()
	if err := (discreet{exporter}).ExportSpans(t.Context(), []trace.ReadOnlySpan{span}); err != nil {
		t.Fatal(err)
	}
	got := exporter.GetSpans()[0]
	if all := fmt.Sprintf("%+v", got); strings.Contains(all, "alice") {
		t.Errorf("exported is %s", all)
	}
	attributes := attribute.NewSet(got.Attributes...)
	want := attribute.NewSet(attribute.Int("http.status_code", 200), attribute.String("REQUEST_ID", "id"))
	if !attributes.Equals(&want) || got.Status.Code != codes.Error || len(got.Events) != 1 ||
		fmt.Sprint(got.Events[0].Attributes) != fmt.Sprint([]attribute.KeyValue{attribute.String("exception.type", "*mysql.MySQLError")}) {
		t.Errorf("exported is %+v", got)
	}
}
