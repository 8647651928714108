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
	"time"

	"github.com/bytedance/gopkg/cloud/metainfo"
	"github.com/cloudwego/kitex/pkg/rpcinfo"
	"github.com/cloudwego/kitex/pkg/transmeta"
	"github.com/cloudwego/kitex/server"

	"example.com/im/idl"
	"example.com/im/idl/gen/im"
	"example.com/im/idl/gen/im/imservice"
)

// Fake is an rpc-server without a database. Methods without a function
// answer OK.
type Fake struct {
	OnSend   func(context.Context, *im.Message) (*im.SendResponse, error)
	OnPull   func(context.Context, *im.PullRequest) (*im.PullResponse, error)
	OnChats  func(context.Context, *im.ChatsRequest) (*im.ChatsResponse, error)
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
	return pullAll(ctx, f, req)
}

// pullAll answers each of a call's pulls as if it had come alone.
func pullAll(ctx context.Context, to im.IMService, req *im.PullAllRequest) (*im.PullAllResponse, error) {
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
	if f.OnPull == nil {
		return &im.PullResponse{}, nil
	}
	return f.OnPull(ctx, req)
}

// Chats answers by OnChats.
func (f *Fake) Chats(ctx context.Context, req *im.ChatsRequest) (*im.ChatsResponse, error) {
	if f.OnChats == nil {
		return &im.ChatsResponse{}, nil
	}
	return f.OnChats(ctx, req)
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

// Serve serves an rpc-server on a free port until the test ends, and returns
// the address.
func Serve(t testing.TB, handler im.IMService) string {
	t.Helper()
	ln := ListenTCP(t)
	quit := make(chan error, 1)
	svr := imservice.NewServer(handler,
		server.WithListener(closeOnce(t, ln)),
		server.WithExitSignal(func() <-chan error { return quit }),
		server.WithExitWaitTime(10*time.Millisecond),
		server.WithServerBasicInfo(&rpcinfo.EndpointBasicInfo{ServiceName: idl.ServiceName}),
		server.WithMetaHandler(transmeta.ServerTTHeaderHandler),
		server.WithEnableContextTimeout(true),
	)
	done := make(chan error, 1)
	go func() { done <- svr.Run() }()
	t.Cleanup(func() {
		quit <- nil
		if err := <-done; err != nil {
			t.Logf("the rpc-server ends: %v", err)
		}
	})
	return ln.Addr().String()
}
