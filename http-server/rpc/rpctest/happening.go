package rpctest

import (
	"context"
	"slices"

	"example.com/im/idl/gen/im"
)

// Join puts a member into a group, which it makes if need be, and tells of it.
func (r *Lively) Join(group, member string, after, at int64) {
	r.StoreJoined(group, member, at)
	r.Tell(&im.WatchResponse{Chats: []string{group}, Added: []string{member}, Own: []*im.Span{SpanOf(group, after, at)}})
}

// StoreJoined puts a member into a group, and tells no news of it.
func (r *Lively) StoreJoined(name, member string, at int64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.groups[name] == nil {
		r.groups[name] = &group{members: map[string]bool{}}
	}
	r.change(name, member, []string{member}, nil, at)
}

// Part takes a member out of a group, and tells of it.
func (r *Lively) Part(group, member string, after, at int64) {
	r.mu.Lock()
	r.change(group, member, nil, []string{member}, at)
	r.mu.Unlock()
	r.Tell(&im.WatchResponse{Chats: []string{group}, Own: []*im.Span{SpanOf(group, after, at)}})
}

// Mark says that a member has read in a chat, and tells of it.
func (r *Lively) Mark(chat, member string, upto, after, at int64) {
	r.mu.Lock()
	r.time = max(r.time, at)
	r.marks[marked{chat, member}] = mark{upto, at}
	r.mu.Unlock()
	r.Tell(&im.WatchResponse{Read_: []string{chat}, Own: []*im.Span{SpanOf(chat, after, at)}})
}

// Sync returns what is later than the cursor.
func (r *Lively) Sync(ctx context.Context, req *im.SyncRequest) (*im.SyncResponse, error) {
	r.mu.Lock()
	r.syncs = append(r.syncs, req)
	refuses, found := r.refuses, r.found
	r.mu.Unlock()
	if refuses {
		return &im.SyncResponse{Code: im.Code_UNAVAILABLE, Msg: "as the test has it"}, nil
	}
	resp, err := r.Memory.Sync(ctx, req)
	if found != nil && req.Member == "a" && len(resp.Messages)+len(resp.Reads) == 0 {
		r.SetFound(nil)
		found()
	}
	return resp, err
}

// Syncs returns the syncs that were asked for.
func (r *Lively) Syncs() []*im.SyncRequest {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clip(r.syncs)
}
