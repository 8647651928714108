package telemetry

import (
	"context"
	"slices"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/sdk/trace"
)

// exported are the attributes that leave the service. Libraries set others: URLs and
// paths, user names, client addresses, whatever header a client chooses, and texts of
// errors, in which databases repeat values. Who talks with whom is none of a collector's
// business, so that an attribute which a later version of a library adds stays here, too.
//
// The names are those of OpenTelemetry's conventions
// (https://opentelemetry.io/docs/specs/semconv/registry/attributes/), and of the libraries.
var exported = map[attribute.Key]bool{
	"REQUEST_ID": true, // as in logs; it may be the client's own
	"im.code":    true, // why a request was refused

	"http.route": true, "http.status_code": true, "http.flavor": true, "http.scheme": true, "http.request_content_length": true,
	"net.transport": true, "net.host.port": true,
	"rpc.system": true, "rpc.service": true, "rpc.method": true, "request.protocol": true,
	"kitex.recv_size": true, "kitex.send_size": true,
	"db.system.name": true, "db.query.text": true, // without the values of its placeholders

	"event.status": true, "exception.type": true,
}

// discreet exports spans that do not say who talks with whom.
type discreet struct{ trace.SpanExporter }

// ExportSpans implements [trace.SpanExporter].
func (e discreet) ExportSpans(ctx context.Context, spans []trace.ReadOnlySpan) error {
	redacted := make([]trace.ReadOnlySpan, len(spans))
	for i, s := range spans {
		redacted[i] = discreetSpan{s}
	}
	return e.SpanExporter.ExportSpans(ctx, redacted)
}

// discreetSpan is a span with no other attributes than those that are exported.
type discreetSpan struct{ trace.ReadOnlySpan }

// Attributes returns those of the span.
func (s discreetSpan) Attributes() []attribute.KeyValue {
	return onlyExported(s.ReadOnlySpan.Attributes())
}

// Events returns the events with their own.
func (s discreetSpan) Events() []trace.Event {
	events := slices.Clone(s.ReadOnlySpan.Events())
	for i := range events {
		events[i].Attributes = onlyExported(events[i].Attributes)
	}
	return events
}

// Status returns whether it failed. The description is the text of any error.
func (s discreetSpan) Status() trace.Status { return trace.Status{Code: s.ReadOnlySpan.Status().Code} }

// onlyExported returns a copy with the attributes that are exported.
func onlyExported(attributes []attribute.KeyValue) []attribute.KeyValue {
	return slices.DeleteFunc(slices.Clone(attributes), func(a attribute.KeyValue) bool { return !exported[a.Key] })
}
