// Package telemetry lets operators follow one request through both services, by
// OpenTelemetry. It starts the export of traces, and carries the trace of a request
// through a shared call. No span that it exports says who talks with whom.
package telemetry

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"time"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracegrpc"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/sdk/resource"
	"go.opentelemetry.io/otel/sdk/trace"
	semconv "go.opentelemetry.io/otel/semconv/v1.37.0"
	api "go.opentelemetry.io/otel/trace"
)

const (
	// stopTimeout bounds the sending of the last spans.
	stopTimeout = 3 * time.Second
	// traceparent is the key of the W3C's Trace Context
	// (https://www.w3.org/TR/trace-context/), and the name of its HTTP header.
	traceparent = "traceparent"
)

// errEndpoint says what an endpoint has to be.
var errEndpoint = errors.New("must be http://host:port or https://host:port")

// Check returns what is wrong with an endpoint. "" means no endpoint, which is right.
func Check(endpoint string) error {
	if endpoint == "" {
		return nil
	}
	u, err := url.Parse(endpoint)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return errEndpoint
	}
	return nil
}

// Start exports the traces of a service to endpoint, a URL, by OTLP over gRPC. stop
// sends the spans that are left. A collector that is away costs nothing but the spans.
// OpenTelemetry's own environment variables apply, such as OTEL_TRACES_SAMPLER. An error
// says what is wrong with endpoint.
func Start(ctx context.Context, service, endpoint string, log *slog.Logger) (stop func(), err error) {
	exporter, err := otlptracegrpc.New(ctx, otlptracegrpc.WithEndpointURL(endpoint))
	if err != nil {
		return nil, fmt.Errorf("export of traces: %w", err)
	}
	about, err := resource.New(ctx, resource.WithHost(), resource.WithProcessPID(), resource.WithFromEnv(),
		resource.WithAttributes(semconv.ServiceName(service)))
	if err != nil {
		return nil, fmt.Errorf("export of traces: %w", err)
	}
	provider := trace.NewTracerProvider(trace.WithBatcher(discreet{exporter}), trace.WithResource(about))
	otel.SetTracerProvider(provider)
	otel.SetTextMapPropagator(propagation.TraceContext{})
	otel.SetErrorHandler(otel.ErrorHandlerFunc(func(err error) { log.Warn("traces", "err", err) }))
	return func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopTimeout)
		defer cancel()
		if err := provider.Shutdown(ctx); err != nil {
			log.Warn("the last traces are lost", "err", err)
		}
	}, nil
}

// Parent returns the span of ctx as a request carries it through a shared call, or nil
// if no span is recorded.
func Parent(ctx context.Context) *string {
	if !api.SpanContextFromContext(ctx).IsSampled() {
		return nil
	}
	carrier := propagation.MapCarrier{}
	propagation.TraceContext{}.Inject(ctx, carrier)
	parent := carrier[traceparent]
	return &parent
}

// Under returns ctx with the span that a request carries. If parent is nil or is no span,
// it returns ctx itself.
func Under(ctx context.Context, parent *string) context.Context {
	if parent == nil {
		return ctx
	}
	return propagation.TraceContext{}.Extract(ctx, propagation.MapCarrier{traceparent: *parent})
}
