package gateway

import (
	"context"
	"errors"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/bytedance/gopkg/cloud/metainfo"
	"github.com/cloudwego/kitex/pkg/discovery"
	"github.com/cloudwego/kitex/pkg/rpcinfo"
	"github.com/cloudwego/kitex/pkg/transmeta"
	"github.com/cloudwego/kitex/server"

	"example.com/im/idl"
	"example.com/im/idl/gen/im"
	"example.com/im/idl/gen/im/imservice"
)

// fakeRPC is an rpc-server without a database. Methods without a function
// answer OK.
type fakeRPC struct {
	send   func(context.Context, *im.Message) (*im.SendResponse, error)
	pull   func(context.Context, *im.PullRequest) (*im.PullResponse, error)
	chats  func(context.Context, *im.ChatsRequest) (*im.ChatsResponse, error)
	health func() im.Code
	watch  func(*im.WatchRequest) (*im.WatchResponse, error)

	sent     func(*im.SendRequest) // sees each send
	replayed *bool                 // of the answers to sends
}

func (f *fakeRPC) Send(ctx context.Context, req *im.SendRequest) (*im.SendResponse, error) {
	if f.sent != nil {
		f.sent(req)
	}
	if f.send == nil {
		return &im.SendResponse{SendTime: new(int64(1)), Replayed: f.replayed}, nil
	}
	return f.send(ctx, req.Message)
}

func (f *fakeRPC) SendAll(ctx context.Context, req *im.SendAllRequest) (*im.SendAllResponse, error) {
	return sendAll(ctx, f, req)
}

// sendAll answers a call as if each of its sends had been one.
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

func (f *fakeRPC) PullAll(ctx context.Context, req *im.PullAllRequest) (*im.PullAllResponse, error) {
	return pullAll(ctx, f, req)
}

// pullAll answers a call as if each of its pulls had been one.
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

func (f *fakeRPC) Pull(ctx context.Context, req *im.PullRequest) (*im.PullResponse, error) {
	if f.pull == nil {
		return &im.PullResponse{}, nil
	}
	return f.pull(ctx, req)
}

func (f *fakeRPC) Chats(ctx context.Context, req *im.ChatsRequest) (*im.ChatsResponse, error) {
	if f.chats == nil {
		return &im.ChatsResponse{}, nil
	}
	return f.chats(ctx, req)
}

func (f *fakeRPC) Health(context.Context, *im.HealthRequest) (*im.HealthResponse, error) {
	if f.health == nil {
		return &im.HealthResponse{}, nil
	}
	return &im.HealthResponse{Code: f.health(), Msg: "as the test has it"}, nil
}

func (f *fakeRPC) Watch(_ context.Context, req *im.WatchRequest) (*im.WatchResponse, error) {
	if f.watch == nil {
		return &im.WatchResponse{Code: im.Code_UNAVAILABLE}, nil
	}
	return f.watch(req)
}

// start serves f on a free port until the test ends, and returns the address.
func (f *fakeRPC) start(t testing.TB) string {
	t.Helper()
	return startRPC(t, f)
}

// startRPC serves an rpc-server on a free port until the test ends, and returns
// the address.
func startRPC(t testing.TB, handler im.IMService) string {
	t.Helper()
	ln := listenTCP(t)
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

// registry stands in for etcd.
type registry struct {
	discovery.SynthesizedResolver
	addresses  atomic.Pointer[[]string] // nil: it does not answer
	unanswered atomic.Int32
}

func newRegistry(addresses ...string) *registry {
	r := silentRegistry()
	r.set(addresses...)
	return r
}

// silentRegistry returns a registry that does not answer, as etcd's client
// when etcd is away.
func silentRegistry() *registry {
	r := new(registry)
	r.ResolveFunc = func(ctx context.Context, _ string) (discovery.Result, error) {
		if known := r.addresses.Load(); known != nil {
			return found(*known...)
		}
		r.unanswered.Add(1)
		<-ctx.Done()
		return discovery.Result{}, ctx.Err()
	}
	return r
}

func (r *registry) set(addresses ...string) { r.addresses.Store(&addresses) }

// found is what a registry answers.
func found(addresses ...string) (discovery.Result, error) {
	result := discovery.Result{Cacheable: true, CacheKey: idl.ServiceName}
	for _, a := range addresses {
		result.Instances = append(result.Instances, discovery.NewInstance("tcp", a, 10, nil))
	}
	if len(addresses) == 0 {
		return result, errors.New("no instance remains for im")
	}
	return result, nil
}
