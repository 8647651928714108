package store

import (
	"context"
	"database/sql"
	sqldriver "database/sql/driver"

	"github.com/XSAM/otelsql"
	"go.opentelemetry.io/otel"
	semconv "go.opentelemetry.io/otel/semconv/v1.37.0"
	"go.opentelemetry.io/otel/trace"
)

// openTraced returns a pool whose statements have spans.
func openTraced(c sqldriver.Connector) *sql.DB {
	return otelsql.OpenDB(c, otelsql.WithAttributes(semconv.DBSystemNameMySQL), otelsql.WithSpanOptions(otelsql.SpanOptions{
		DisableErrSkip:       true, // statements without placeholders take another way
		OmitConnResetSession: true,
		OmitRows:             true,
		SpanFilter: func(ctx context.Context, _ otelsql.Method, _ string, _ []sqldriver.NamedValue) bool {
			return trace.SpanContextFromContext(ctx).IsSampled()
		},
	}))
}

// traceCommit starts the span of a commit. It puts the span in the trace of the first
// send that has one, with links to and from the others. The context that it returns
// carries nothing else.
func traceCommit(sends []*Send) (context.Context, trace.Span) {
	ctx, span := context.Background(), trace.SpanFromContext(context.Background())
	var traced []*Send
	for _, s := range sends {
		if s.Span.IsSampled() {
			traced = append(traced, s)
		}
	}
	if len(traced) == 0 {
		return ctx, span
	}
	links := make([]trace.Link, len(traced)-1)
	for i, s := range traced[1:] {
		links[i].SpanContext = s.Span
	}
	ctx, span = otel.Tracer("example.com/im/rpc-server/store").
		Start(trace.ContextWithSpanContext(ctx, traced[0].Span), "commit", trace.WithLinks(links...))
	for _, s := range traced {
		s.CommitSpan = span.SpanContext()
	}
	return ctx, span
}

// onlyTrace returns a context with the trace of ctx and nothing else: no caller's
// context reaches a statement (see netTimeout).
func onlyTrace(ctx context.Context) context.Context {
	return trace.ContextWithSpan(context.Background(), trace.SpanFromContext(ctx))
}
