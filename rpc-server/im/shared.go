package im

import (
	"context"
	"slices"

	"github.com/bytedance/gopkg/cloud/metainfo"
	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	status "go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"

	"example.com/im/idl"
	"example.com/im/idl/gen/im"
	"example.com/im/idl/telemetry"
)

// A part is one request in a shared call, as logs and traces see it. The call itself
// has the id and the trace of its first part.
type part struct {
	ctx  context.Context
	span trace.Span
}

// begin begins a part of the call of ctx.
func begin(ctx context.Context, method string, id, parent *string) part {
	if id != nil {
		ctx = metainfo.WithValue(ctx, idl.RequestIDKey, *id)
	}
	if parent == nil {
		return part{ctx, trace.SpanFromContext(context.Background())}
	}
	call := trace.LinkFromContext(ctx)
	ctx, span := otel.Tracer("example.com/im/rpc-server/im").Start(telemetry.Under(ctx, parent), method, trace.WithLinks(call))
	if id != nil {
		span.SetAttributes(attribute.String(idl.RequestIDKey, *id))
	}
	return part{ctx, span}
}

// end ends the part with its answer. The message stays out of the trace: it may repeat
// what the request says.
func (p part) end(a idl.Answer) {
	if code := a.GetCode(); code != im.Code_OK {
		p.span.SetStatus(status.Error, "")
		p.span.SetAttributes(attribute.String("im.code", code.String()))
	}
	p.span.End()
}

// refusal returns the code and message of a shared call. The code is UNAVAILABLE if
// every answer in the call is: by it the gateway knows an instance that serves nobody.
func refusal[A idl.Answer](answers []A) (im.Code, string) {
	taken := func(a A) bool { return a.GetCode() != im.Code_UNAVAILABLE }
	if len(answers) == 0 || slices.ContainsFunc(answers, taken) {
		return im.Code_OK, ""
	}
	return im.Code_UNAVAILABLE, answers[0].GetMsg()
}
