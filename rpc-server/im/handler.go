package im

import (
	"context"
	"log/slog"
	"time"

	"github.com/bytedance/gopkg/cloud/metainfo"
	"github.com/cloudwego/kitex/pkg/rpcinfo"

	"example.com/im/idl"
	"example.com/im/idl/chat"
	"example.com/im/idl/gen/im"
	"example.com/im/rpc-server/news"
	"example.com/im/rpc-server/sequencer"
	"example.com/im/rpc-server/store"
	"example.com/im/rpc-server/tail"
)

// answerShare is the divisor of the caller's time that gives the part kept for the
// answer. So the caller learns what has become of its call before it stops waiting.
const answerShare = 10

// handler implements the service: check, call, answer. Its methods never return an
// error: the answer's code says what has become of a call.
type handler struct {
	tail      *tail.Tail
	store     *store.Store
	sequencer *sequencer.Sequencer
	health    *health
	news      *news.News
	metrics   *metrics
	timeout   time.Duration
	log       *slog.Logger
}

// errNoRequest refuses a call without its argument. Thrift does not require the
// argument, and passes nil.
var errNoRequest = &chat.Error{Field: "req", Rule: "must be given"}

// Health answers whether the instance can serve.
func (h *handler) Health(ctx context.Context, _ *im.HealthRequest) (*im.HealthResponse, error) {
	code, msg := h.outcome(ctx, "Health", time.Now(), h.health.problem())
	return &im.HealthResponse{Code: code, Msg: msg}, nil
}

// deadline returns ctx with the caller's deadline, less the answer's share. If the
// caller names none, it is the service's.
func (h *handler) deadline(ctx context.Context) (context.Context, context.CancelFunc) {
	if timeout := rpcinfo.GetRPCInfo(ctx).Config().RPCTimeout(); timeout > 0 {
		return context.WithTimeout(ctx, timeout-timeout/answerShare)
	}
	return context.WithTimeout(ctx, h.timeout)
}

// outcome counts and logs a call, and returns its code and message.
func (h *handler) outcome(ctx context.Context, method string, begin time.Time, err error) (im.Code, string) {
	code, msg := codeOf(err)
	took := time.Since(begin)
	h.metrics.call(method, code, err, took)
	level := slog.LevelDebug
	if code == im.Code_INTERNAL {
		level = slog.LevelError
	}
	if h.log.Enabled(ctx, level) {
		id, _ := metainfo.GetValue(ctx, idl.RequestIDKey)
		h.log.Log(ctx, level, "call", "method", method, "code", code, "err", err, "took", took, "request_id", id)
	}
	return code, msg
}
