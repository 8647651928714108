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
	page, groups, err := h.sync(ctx, req)
	code, msg := h.outcome(ctx, "Sync", begin, err)
	resp := &im.SyncResponse{Code: code, Msg: msg}
	if err == nil {
		next := formatLanes(page.Next)
		resp.Messages, resp.Reads = toThrift(page.Messages), toMarks(page.Reads)
		resp.HasMore, resp.NextCursor = &page.HasMore, &next
		if more := len(groups) > toldGroups; more {
			resp.MoreGroups, groups = &more, groups[:toldGroups]
		}
		resp.Groups = toNames(groups)
	}
	return resp, nil
}

// sync reads what is new, and before that the member's groups, if they are asked for. So
// who learns the groups, and from then on the news of them, misses nothing.
func (h *handler) sync(ctx context.Context, req *im.SyncRequest) (page store.Sync, groups []chat.Name, err error) {
	q, err := h.checkSync(req)
	if err != nil {
		return page, nil, err
	}
	ctx, cancel := h.deadline(ctx)
	defer cancel()
	if req.GetGroups() {
		if groups, err = h.store.Groups(ctx, q.Member, toldGroups+1); err != nil {
			return page, nil, err
		}
	}
	lanes, err := h.tail.Lanes(ctx)
	if err != nil {
		return page, nil, err
	}
	if !lanes.Beyond(q.After) {
		return store.Sync{Next: q.After}, groups, nil
	}
	page, err = h.store.Sync(ctx, q)
	return page, groups, err
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
