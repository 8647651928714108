package rpctest

import (
	"testing"
	"time"

	"github.com/cloudwego/kitex/pkg/rpcinfo"
	"github.com/cloudwego/kitex/pkg/transmeta"
	"github.com/cloudwego/kitex/server"

	"example.com/im/idl"
	"example.com/im/idl/gen/im"
	"example.com/im/idl/gen/im/imservice"
)

// Serve serves an rpc-server on a free port until the test ends, and returns the
// address.
func Serve(t testing.TB, handler im.IMService) string {
	t.Helper()
	return ServeEarlier(t, handler)
}

// ServeEarlier is Serve for an rpc-server of an earlier version, which does not have some
// methods.
func ServeEarlier(t testing.TB, handler im.IMService, lacks ...string) string {
	t.Helper()
	service := imservice.NewServiceInfo()
	for _, method := range lacks {
		delete(service.Methods, method)
	}
	ln := ListenTCP(t)
	quit := make(chan error, 1)
	svr := server.NewServer(
		server.WithListener(closeOnce(t, ln)),
		server.WithExitSignal(func() <-chan error { return quit }),
		server.WithExitWaitTime(10*time.Millisecond),
		server.WithServerBasicInfo(&rpcinfo.EndpointBasicInfo{ServiceName: idl.ServiceName}),
		server.WithMetaHandler(transmeta.ServerTTHeaderHandler),
		server.WithEnableContextTimeout(true),
		server.WithCompatibleMiddlewareForUnary(),
	)
	if err := svr.RegisterService(service, handler); err != nil {
		t.Fatal(err)
	}
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
