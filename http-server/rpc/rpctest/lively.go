package rpctest

import (
	"context"
	"testing"
	"time"

	"example.com/im/idl/chat"
	"example.com/im/idl/gen/im"
)

// Lively is an rpc-server that keeps the messages of chats in memory, and tells
// news.
type Lively struct {
	*Memory
	epoch int64
	down  bool // tells no news

	news              []*im.WatchResponse // one event each
	added             chan struct{}       // closed when anything changes
	watches           []*im.WatchRequest
	watching          chan struct{} // holds one for each call of Watch under way
	pulls             int
	syncs             []*im.SyncRequest
	refuses           bool   // pulls and syncs
	together, pulling int    // how many pulls wait for each other, and how many have come
	found             func() // called once, when a pull or sync has found nothing and is not answered yet
}

// NewLively returns an rpc-server without messages.
func NewLively() *Lively {
	return &Lively{Memory: NewMemory(), epoch: 1, added: make(chan struct{}), watching: make(chan struct{}, 100)}
}

// Start serves r until the test ends, and returns the address.
func (r *Lively) Start(t testing.TB) string { return Serve(t, r) }

// Tell adds news.
func (r *Lively) Tell(news *im.WatchResponse) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.news = append(r.news, news)
	close(r.added)
	r.added = make(chan struct{})
}

// Store keeps a message, and tells no news of it.
func (r *Lively) Store(name string, at int64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.keep(&im.Message{Chat: name, Sender: "a", Text: "x"}, at)
}

// Commit keeps a message and tells of it.
func (r *Lively) Commit(name string, after, at int64) {
	r.Store(name, at)
	r.Tell(&im.WatchResponse{Chats: []string{name}, Own: []*im.Span{SpanOf(name, after, at)}})
}

// SpanOf is a span of a chat's lane.
func SpanOf(name string, after, upto int64) *im.Span {
	return &im.Span{Lane: int32(chat.Name(name).Lane()), After: after, Upto: upto}
}

// Restart forgets the news, as an instance that is started again does.
func (r *Lively) Restart() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.epoch++
	r.news = nil
	close(r.added)
	r.added = make(chan struct{})
}

// Fail makes it tell no news while it is down.
func (r *Lively) Fail(down bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.down = down
	close(r.added)
	r.added = make(chan struct{})
}

// SetFound sets what is called when a pull of a:b, or a sync of a, has found nothing.
func (r *Lively) SetFound(found func()) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.found = found
}

// SetTogether makes pulls wait until so many have come, for at most 2 s.
func (r *Lively) SetTogether(pulls int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.together = pulls
}

func (r *Lively) countPulling() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.pulling
}

// RefusePulls makes it refuse every pull and sync.
func (r *Lively) RefusePulls() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.refuses = true
}

// Counts returns how often r was asked for news, and for pages.
func (r *Lively) Counts() (watches, pulls int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.watches), r.pulls
}

// Watching returns how many calls for news are under way.
func (r *Lively) Watching() int { return len(r.watching) }

// Latest returns the latest call for news.
func (r *Lively) Latest() *im.WatchRequest {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.watches[len(r.watches)-1]
}

// PullAll returns pages.
func (r *Lively) PullAll(ctx context.Context, req *im.PullAllRequest) (*im.PullAllResponse, error) {
	return PullAll(ctx, r, req)
}

// Pull returns the chat's message if it is not before the cursor.
func (r *Lively) Pull(_ context.Context, req *im.PullRequest) (*im.PullResponse, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.pulls++
	if r.refuses {
		return &im.PullResponse{Code: im.Code_UNAVAILABLE, Msg: "as the test has it"}, nil
	}
	if req.Limit == 13 {
		return &im.PullResponse{Code: im.Code_INVALID_ARGUMENT, Msg: "limit: is unlucky"}, nil
	}
	if together := r.together; together > 0 {
		r.pulling++
		r.mu.Unlock()
		for end := time.Now().Add(2 * time.Second); r.countPulling() < together && time.Now().Before(end); {
			time.Sleep(time.Millisecond)
		}
		r.mu.Lock()
	}
	m := r.last[req.Chat]
	if m == nil || m.SendTime < req.Cursor {
		if found := r.found; found != nil && req.Chat == "a:b" {
			r.found = nil
			r.mu.Unlock()
			found()
			r.mu.Lock()
		}
		return &im.PullResponse{NextCursor: &req.Cursor}, nil
	}
	next := m.SendTime + 1
	return &im.PullResponse{Messages: []*im.Message{m}, NextCursor: &next}, nil
}

// Watch tells what is new.
func (r *Lively) Watch(_ context.Context, req *im.WatchRequest) (*im.WatchResponse, error) {
	r.watching <- struct{}{}
	defer func() { <-r.watching }()
	r.mu.Lock()
	defer r.mu.Unlock()
	r.watches = append(r.watches, req)
	timeout := time.After(time.Duration(req.WaitMs) * time.Millisecond)
	for {
		epoch, end, lost := r.epoch, int64(len(r.news)), req.Epoch != r.epoch
		switch {
		case r.down:
			return &im.WatchResponse{Code: im.Code_UNAVAILABLE}, nil
		case lost:
			return &im.WatchResponse{Epoch: &epoch, Position: &end, Lost: &lost}, nil
		case req.Position < end:
			one := *r.news[req.Position]
			next := req.Position + 1
			one.Epoch, one.Position = &epoch, &next
			return &one, nil
		}
		added := r.added
		r.mu.Unlock()
		expired := false
		select {
		case <-added:
		case <-timeout:
			expired = true
		}
		r.mu.Lock()
		if expired {
			return &im.WatchResponse{Epoch: &epoch, Position: &end}, nil
		}
	}
}
