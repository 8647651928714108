package im

import (
	"context"
	"time"

	"example.com/im/idl"
	"example.com/im/idl/chat"
	"example.com/im/idl/gen/im"
	"example.com/im/rpc-server/news"
)

// Watch returns what has been committed since the watcher's latest call.
func (h *handler) Watch(ctx context.Context, req *im.WatchRequest) (*im.WatchResponse, error) {
	begin := time.Now()
	answer, err := h.watch(ctx, req)
	code, msg := h.outcome(ctx, "Watch", begin, err)
	resp := &im.WatchResponse{Code: code, Msg: msg}
	if err == nil {
		resp.Epoch, resp.Position, resp.Lost = &answer.Epoch, &answer.Position, &answer.Lost
		resp.Chats, resp.Read_, resp.Added = toNames(answer.Chats), toNames(answer.Read), answer.Added
		resp.Own, resp.Others = toSpans(answer.Own), toSpans(answer.Others)
	}
	return resp, nil
}

func (h *handler) watch(ctx context.Context, req *im.WatchRequest) (news.Answer, error) {
	if err := h.health.refuses(); err != nil {
		return news.Answer{}, err
	}
	if req == nil {
		return news.Answer{}, errNoRequest
	}
	if req.WaitMs < 0 {
		return news.Answer{}, &chat.Error{Field: "wait_ms", Rule: "must not be negative"}
	}
	wait := min(time.Duration(req.WaitMs)*time.Millisecond, idl.MaxWatch)
	return h.news.Watch(ctx, news.Place{Epoch: req.Epoch, Position: req.Position}, wait, req.GetOthers())
}

func toNames(chats []chat.Name) []string {
	names := make([]string, len(chats))
	for i, name := range chats {
		names[i] = string(name)
	}
	return names
}

func toSpans(intervals []news.Interval) []*im.Span {
	converted := make([]*im.Span, len(intervals))
	for i, s := range intervals {
		converted[i] = &im.Span{Lane: int32(s.Lane), After: s.After, Upto: s.Upto}
	}
	return converted
}
