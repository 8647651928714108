package telemetry

import (
	"context"
	"strings"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/sdk/trace"
)

// withoutQueries exports spans without the queries of URLs. A query names chats and
// members: who talks with whom is none of a collector's business.
type withoutQueries struct{ trace.SpanExporter }

// ExportSpans implements [trace.SpanExporter].
func (e withoutQueries) ExportSpans(ctx context.Context, spans []trace.ReadOnlySpan) error {
	redacted := make([]trace.ReadOnlySpan, len(spans))
	for i, s := range spans {
		redacted[i] = withoutQuery{s}
	}
	return e.SpanExporter.ExportSpans(ctx, redacted)
}

// withoutQuery is a span in which URLs end before their query.
type withoutQuery struct{ trace.ReadOnlySpan }

// Attributes returns the span's attributes. OpenTelemetry's conventions up to 1.19 keep
// URLs under http.url and http.target, and later ones under url.full and url.query
// (https://opentelemetry.io/docs/specs/semconv/http/migration-guide/).
func (s withoutQuery) Attributes() []attribute.KeyValue {
	attributes := make([]attribute.KeyValue, 0, len(s.ReadOnlySpan.Attributes()))
	for _, a := range s.ReadOnlySpan.Attributes() {
		switch a.Key {
		case "url.query":
			continue
		case "http.url", "http.target", "url.full":
			before, _, _ := strings.Cut(a.Value.AsString(), "?")
			a.Value = attribute.StringValue(before)
		}
		attributes = append(attributes, a)
	}
	return attributes
}
