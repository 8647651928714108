package rpctest

import (
	"context"
	"sync"

	"example.com/im/idl/chat"
	"example.com/im/idl/gen/im"
)

// Memory is an rpc-server that refuses what a real one refuses, and keeps the
// last message of each chat in memory.
type Memory struct {
	mu   sync.Mutex
	last map[string]*im.Message
	time int64
}

// NewMemory returns an rpc-server without messages.
func NewMemory() *Memory { return &Memory{last: make(map[string]*im.Message)} }

// Send keeps a message.
func (r *Memory) Send(_ context.Context, req *im.SendRequest) (*im.SendResponse, error) {
	name, sender, err := checkSend(req)
	if err != nil {
		return &im.SendResponse{Code: im.Code_INVALID_ARGUMENT, Msg: err.Error()}, nil
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.time++
	m := &im.Message{Chat: name, Text: req.Message.Text, Sender: sender, SendTime: r.time}
	r.last[name] = m
	return &im.SendResponse{Chat: &m.Chat, SendTime: &m.SendTime}, nil
}

// checkSend returns the canonical chat and the sender of a message that keeps
// the rules.
func checkSend(req *im.SendRequest) (name, sender string, err error) {
	parsed, err := chat.Parse(req.Message.Chat)
	if err != nil {
		return "", "", err
	}
	if sender, _, err = parsed.Sender(req.Message.Sender); err != nil {
		return "", "", err
	}
	if err := chat.CheckText(req.Message.Text); err != nil {
		return "", "", err
	}
	if req.IsSetIdempotencyKey() {
		err = chat.CheckKey(req.GetIdempotencyKey())
	}
	return string(parsed), sender, err
}

// SendAll keeps messages.
func (r *Memory) SendAll(ctx context.Context, req *im.SendAllRequest) (*im.SendAllResponse, error) {
	return sendAll(ctx, r, req)
}

// PullAll returns pages.
func (r *Memory) PullAll(ctx context.Context, req *im.PullAllRequest) (*im.PullAllResponse, error) {
	return pullAll(ctx, r, req)
}

// Pull returns a page of at most the last message.
func (r *Memory) Pull(_ context.Context, req *im.PullRequest) (*im.PullResponse, error) {
	err := chat.CheckCursor(req.Cursor)
	if err == nil {
		_, err = chat.Limit(req.Limit)
	}
	if err != nil {
		return &im.PullResponse{Code: im.Code_INVALID_ARGUMENT, Msg: err.Error()}, nil
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	resp := &im.PullResponse{}
	if m := r.last[req.Chat]; m != nil {
		resp.Messages = []*im.Message{m}
	}
	return resp, nil
}

// Chats finds none for any member, and takes any cursor.
func (r *Memory) Chats(_ context.Context, req *im.ChatsRequest) (*im.ChatsResponse, error) {
	_, err := chat.Member(req.Member)
	if err == nil {
		_, err = chat.Limit(req.Limit)
	}
	if err != nil {
		return &im.ChatsResponse{Code: im.Code_INVALID_ARGUMENT, Msg: err.Error()}, nil
	}
	return &im.ChatsResponse{}, nil
}

// Health says that all is well.
func (r *Memory) Health(context.Context, *im.HealthRequest) (*im.HealthResponse, error) {
	return &im.HealthResponse{}, nil
}

// Watch tells no news: it refuses.
func (r *Memory) Watch(context.Context, *im.WatchRequest) (*im.WatchResponse, error) {
	return &im.WatchResponse{Code: im.Code_UNAVAILABLE}, nil
}
