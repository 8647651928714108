package im

import (
	"context"
	"time"

	"example.com/im/idl/chat"
	"example.com/im/idl/gen/im"
	"example.com/im/rpc-server/store"
)

// toldGroups is how many groups of a member an answer names.
const toldGroups = 1_000

// Sync returns what is new for a member.
func (h *handler) Sync(ctx context.Context, req *im.SyncRequest) (*im.SyncResponse, error) {
	begin := time.Now()
	page, err := h.sync(ctx, req)
	code, msg := h.outcome(ctx, "Sync", begin, err)
	resp := &im.SyncResponse{Code: code, Msg: msg}
	if err == nil {
		next := formatLanes(page.Next)
		resp.Messages, resp.Reads = toThrift(page.Messages), toMarks(page.Reads)
		resp.HasMore, resp.NextCursor = &page.HasMore, &next
		if more := len(page.Groups) > toldGroups; more {
			resp.MoreGroups, page.Groups = &more, page.Groups[:toldGroups]
		}
		resp.Groups = toNames(page.Groups)
	}
	return resp, nil
}

// sync reads what is new. Without the groups that takes one shared lane read while nothing
// is new. The groups are those of the moment that the page shows, so who learns them, and
// from then on the news of them, misses nothing.
func (h *handler) sync(ctx context.Context, req *im.SyncRequest) (store.Sync, error) {
	q, err := h.checkSync(req)
	if err != nil {
		return store.Sync{}, err
	}
	ctx, cancel := h.deadline(ctx)
	defer cancel()
	if q.Groups == 0 {
		lanes, err := h.tail.Lanes(ctx)
		if err != nil {
			return store.Sync{}, err
		}
		if !lanes.Beyond(q.After) {
			return store.Sync{Next: q.After}, nil
		}
	}
	return h.store.Sync(ctx, q)
}

// checkSync checks a request.
func (h *handler) checkSync(req *im.SyncRequest) (q store.SyncQuery, err error) {
	if err := h.health.refuses(); err != nil {
		return q, err
	}
	if req == nil {
		return q, errNoRequest
	}
	if q.Member, err = chat.Member(req.Member); err != nil {
		return q, err
	}
	if q.After, err = parseLanes(req.GetCursor()); err != nil {
		return q, err
	}
	if req.GetGroups() {
		q.Groups = toldGroups + 1
	}
	q.Limit, err = chat.SyncLimit(req.Limit)
	return q, err
}

func toMarks(marks []store.ReadMark) []*im.ReadMark {
	converted := make([]*im.ReadMark, len(marks))
	for i, m := range marks {
		converted[i] = &im.ReadMark{Chat: string(m.Chat), Member: m.Member, SendTime: m.SendTime}
	}
	return converted
}
