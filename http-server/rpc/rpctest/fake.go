// Package rpctest stands in for rpc-servers and for etcd in tests.
//
// A [Fake] answers as its test says. A [Memory] keeps the last message of each chat. A
// [Lively] is a memory that tells news. All three are rpc-servers that speak Thrift and
// have no database. Other functions start addresses at which nothing good answers. A
// [Registry] is an etcd that knows the rpc-servers.
package rpctest

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"

	"github.com/bytedance/gopkg/cloud/metainfo"

	"example.com/im/idl"
	"example.com/im/idl/gen/im"
)

// Fake is an rpc-server without a database. Methods without a function
// answer OK.
type Fake struct {
	OnSend   func(context.Context, *im.Message) (*im.SendResponse, error)
	OnPull   func(context.Context, *im.PullRequest) (*im.PullResponse, error)
	OnChats  func(context.Context, *im.ChatsRequest) (*im.ChatsResponse, error)
	OnSync   func(context.Context, *im.SyncRequest) (*im.SyncResponse, error)
	OnChange func(context.Context, *im.ChangeMembersRequest) (*im.ChangeMembersResponse, error)
	OnList   func(context.Context, *im.MembersRequest) (*im.MembersResponse, error)
	OnRead   func(context.Context, *im.ReadRequest) (*im.ReadResponse, error)
	OnHealth func() im.Code
	OnWatch  func(*im.WatchRequest) (*im.WatchResponse, error)

	Sent     func(*im.SendRequest) // sees each send
	Replayed *bool                 // of the answers to sends
}

// Send answers by OnSend.
func (f *Fake) Send(ctx context.Context, req *im.SendRequest) (*im.SendResponse, error) {
	if f.Sent != nil {
		f.Sent(req)
	}
	if f.OnSend == nil {
		return &im.SendResponse{SendTime: new(int64(1)), Replayed: f.Replayed}, nil
	}
	return f.OnSend(ctx, req.Message)
}

// SendAll answers each send.
func (f *Fake) SendAll(ctx context.Context, req *im.SendAllRequest) (*im.SendAllResponse, error) {
	return sendAll(ctx, f, req)
}

// sendAll answers each of a call's sends as if it had come alone.
func sendAll(ctx context.Context, to im.IMService, req *im.SendAllRequest) (*im.SendAllResponse, error) {
	resp := &im.SendAllResponse{Code: im.Code_UNAVAILABLE}
	for _, send := range req.Sends {
		answer, err := to.Send(metainfo.WithValue(ctx, idl.RequestIDKey, send.GetRequestId()), send)
		if err != nil {
			return nil, err
		}
		if answer.Code != im.Code_UNAVAILABLE {
			resp.Code = im.Code_OK
		}
		resp.Answers = append(resp.Answers, answer)
	}
	return resp, nil
}

// PullAll answers each pull.
func (f *Fake) PullAll(ctx context.Context, req *im.PullAllRequest) (*im.PullAllResponse, error) {
	return PullAll(ctx, f, req)
}

// PullAll answers each of a call's pulls as if it had come alone.
func PullAll(ctx context.Context, to im.IMService, req *im.PullAllRequest) (*im.PullAllResponse, error) {
	answers, errs := make([]*im.PullResponse, len(req.Pulls)), make([]error, len(req.Pulls))
	var pulls sync.WaitGroup
	for i, pull := range req.Pulls {
		pulls.Go(func() {
			answers[i], errs[i] = to.Pull(metainfo.WithValue(ctx, idl.RequestIDKey, pull.GetRequestId()), pull)
		})
	}
	pulls.Wait()
	resp := &im.PullAllResponse{Answers: answers}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	if !slices.ContainsFunc(answers, func(a *im.PullResponse) bool { return a.Code != im.Code_UNAVAILABLE }) {
		resp.Code = im.Code_UNAVAILABLE
	}
	return resp, nil
}

// Pull answers by OnPull.
func (f *Fake) Pull(ctx context.Context, req *im.PullRequest) (*im.PullResponse, error) {
	return answer(ctx, f.OnPull, req, &im.PullResponse{})
}

// Chats answers by OnChats.
func (f *Fake) Chats(ctx context.Context, req *im.ChatsRequest) (*im.ChatsResponse, error) {
	return answer(ctx, f.OnChats, req, &im.ChatsResponse{})
}

// Sync answers by OnSync.
func (f *Fake) Sync(ctx context.Context, req *im.SyncRequest) (*im.SyncResponse, error) {
	return answer(ctx, f.OnSync, req, &im.SyncResponse{})
}

// ChangeMembers answers by OnChange.
func (f *Fake) ChangeMembers(ctx context.Context, req *im.ChangeMembersRequest) (*im.ChangeMembersResponse, error) {
	return answer(ctx, f.OnChange, req, &im.ChangeMembersResponse{SendTime: new(int64(1)), Members: new(int32(1))})
}

// Members answers by OnList.
func (f *Fake) Members(ctx context.Context, req *im.MembersRequest) (*im.MembersResponse, error) {
	return answer(ctx, f.OnList, req, &im.MembersResponse{})
}

// Read answers by OnRead.
func (f *Fake) Read(ctx context.Context, req *im.ReadRequest) (*im.ReadResponse, error) {
	return answer(ctx, f.OnRead, req, &im.ReadResponse{})
}

// answer answers a request by the function on, or as ok says if there is none.
func answer[Q, A any](ctx context.Context, on func(context.Context, Q) (A, error), req Q, ok A) (A, error) {
	if on == nil {
		return ok, nil
	}
	return on(ctx, req)
}

// Health answers by OnHealth.
func (f *Fake) Health(context.Context, *im.HealthRequest) (*im.HealthResponse, error) {
	if f.OnHealth == nil {
		return &im.HealthResponse{}, nil
	}
	return &im.HealthResponse{Code: f.OnHealth(), Msg: "as the test has it"}, nil
}

// Watch answers by OnWatch; without it there is no news.
func (f *Fake) Watch(_ context.Context, req *im.WatchRequest) (*im.WatchResponse, error) {
	if f.OnWatch == nil {
		return &im.WatchResponse{Code: im.Code_UNAVAILABLE}, nil
	}
	return f.OnWatch(req)
}

// Start serves f on a free port until the test ends, and returns the address.
func (f *Fake) Start(t testing.TB) string {
	t.Helper()
	return Serve(t, f)
}
