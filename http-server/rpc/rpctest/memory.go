package rpctest

import (
	"context"
	"sync"

	"example.com/im/idl/chat"
	"example.com/im/idl/gen/im"
)

// Memory is an rpc-server that refuses what a real one refuses, and keeps the last message
// of each chat in memory, who is in groups, and how far members have read. It remembers no
// keys.
type Memory struct {
	mu     sync.Mutex
	last   map[string]*im.Message
	groups map[string]*group
	marks  map[marked]mark
	time   int64 // of the latest change
}

// NewMemory returns an rpc-server without messages.
func NewMemory() *Memory {
	return &Memory{last: make(map[string]*im.Message), groups: make(map[string]*group), marks: make(map[marked]mark)}
}

// refusal is a code that is not OK, with its text.
type refusal struct {
	code im.Code
	text string
}

// invalid returns the refusal of a request that breaks the rule err.
func invalid(err error) *refusal { return &refusal{im.Code_INVALID_ARGUMENT, err.Error()} }

// Send keeps a message.
func (r *Memory) Send(_ context.Context, req *im.SendRequest) (*im.SendResponse, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	m, refused := r.checkSend(req)
	if refused != nil {
		return &im.SendResponse{Code: refused.code, Msg: refused.text}, nil
	}
	r.keep(m, r.time+1)
	return &im.SendResponse{Chat: &m.Chat, SendTime: &m.SendTime}, nil
}

// keep keeps a message of a time. The caller holds mu.
func (r *Memory) keep(m *im.Message, at int64) {
	r.time = max(r.time, at)
	m.SendTime = at
	r.last[m.Chat] = m
}

// checkSend returns the message to keep, if it keeps the rules. The caller holds mu.
func (r *Memory) checkSend(req *im.SendRequest) (*im.Message, *refusal) {
	name, err := chat.Parse(req.Message.Chat)
	if err != nil {
		return nil, invalid(err)
	}
	sender, member, err := name.Sender(req.Message.Sender)
	if err != nil {
		return nil, invalid(err)
	}
	if err := chat.CheckText(req.Message.Text); err != nil {
		return nil, invalid(err)
	}
	if err := checkKey(req.IdempotencyKey); err != nil {
		return nil, invalid(err)
	}
	return &im.Message{Chat: string(name), Text: req.Message.Text, Sender: sender}, r.mayAct(name, member)
}

// checkKey checks a key, if there is one.
func checkKey(key *string) error {
	if key == nil {
		return nil
	}
	return chat.CheckKey(*key)
}

// SendAll keeps messages.
func (r *Memory) SendAll(ctx context.Context, req *im.SendAllRequest) (*im.SendAllResponse, error) {
	return sendAll(ctx, r, req)
}

// PullAll returns pages.
func (r *Memory) PullAll(ctx context.Context, req *im.PullAllRequest) (*im.PullAllResponse, error) {
	return PullAll(ctx, r, req)
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
	if refused := r.exists(chat.Name(req.Chat)); refused != nil {
		return &im.PullResponse{Code: refused.code, Msg: refused.text}, nil
	}
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
	if err == nil && req.GetPreview() < 0 {
		err = &chat.Error{Field: "preview", Rule: "must not be negative"}
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
