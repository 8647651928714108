package gateway

import (
	"context"
	"testing"
	"time"

	"example.com/im/idl/chat"
	"example.com/im/idl/gen/im"
)

// livelyRPC is an rpc-server that keeps the messages of chats in memory, and tells
// news.
type livelyRPC struct {
	memoryRPC
	epoch int64
	down  bool // tells no news

	news              []*im.WatchResponse // of one event each
	added             chan struct{}       // closed with the next
	watches           []*im.WatchRequest
	watching          chan struct{} // holds one for each call under way
	pulls             int
	refuses           bool   // pulls
	together, pulling int    // how many pulls to wait for, and how many there are
	found             func() // called once, when a pull has found nothing and is not answered yet
}

func newLivelyRPC() *livelyRPC {
	return &livelyRPC{memoryRPC: memoryRPC{last: make(map[string]*im.Message)}, epoch: 1, added: make(chan struct{}), watching: make(chan struct{}, 100)}
}

// start serves r until the test ends, and returns the address.
func (r *livelyRPC) start(t testing.TB) string { return startRPC(t, r) }

// tell adds news.
func (r *livelyRPC) tell(news *im.WatchResponse) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.news = append(r.news, news)
	close(r.added)
	r.added = make(chan struct{})
}

// store keeps a message, of which others have to tell.
func (r *livelyRPC) store(name string, at int64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.last[name] = &im.Message{Chat: name, Sender: "a", Text: "x", SendTime: at}
}

// commit keeps a message and tells of it.
func (r *livelyRPC) commit(name string, after, at int64) {
	r.store(name, at)
	r.tell(&im.WatchResponse{Chats: []string{name}, Own: []*im.Span{spanOf(name, after, at)}})
}

// spanOf is a span of a chat's lane.
func spanOf(name string, after, upto int64) *im.Span {
	return &im.Span{Lane: int32(chat.Name(name).Lane()), After: after, Upto: upto}
}

// restart forgets the news, as an instance that is started again.
func (r *livelyRPC) restart() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.epoch++
	r.news = nil
	close(r.added)
	r.added = make(chan struct{})
}

// fail makes it tell no news, or again.
func (r *livelyRPC) fail(down bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.down = down
	close(r.added)
	r.added = make(chan struct{})
}

// setFound sets what is called when a pull of a:b has found nothing.
func (r *livelyRPC) setFound(found func()) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.found = found
}

// setTogether lets pulls wait for each other, for 2 s.
func (r *livelyRPC) setTogether(pulls int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.together = pulls
}

func (r *livelyRPC) countPulling() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.pulling
}

// refusePulls makes it refuse every pull.
func (r *livelyRPC) refusePulls() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.refuses = true
}

// counts returns how often it was asked for news, and for pages.
func (r *livelyRPC) counts() (watches, pulls int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.watches), r.pulls
}

// latest returns the latest call for news.
func (r *livelyRPC) latest() *im.WatchRequest {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.watches[len(r.watches)-1]
}

// PullAll returns pages.
func (r *livelyRPC) PullAll(ctx context.Context, req *im.PullAllRequest) (*im.PullAllResponse, error) {
	return pullAll(ctx, r, req)
}

// Pull returns the chat's message if it is not before the cursor.
func (r *livelyRPC) Pull(_ context.Context, req *im.PullRequest) (*im.PullResponse, error) {
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
func (r *livelyRPC) Watch(_ context.Context, req *im.WatchRequest) (*im.WatchResponse, error) {
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
