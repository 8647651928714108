// Command subject is what the product is compared with, as SUBJECT says. It takes
// the services' settings from their variables.
//
//   - gateway: an http-server that is nothing but Hertz and a Kitex client;
//   - empty: an rpc-server that answers at once and stores nothing;
//   - naive: an rpc-server with one INSERT for each send and one query for each
//     pull, as most begin.
package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"time"

	"github.com/cloudwego/hertz/pkg/common/hlog"
	"github.com/cloudwego/kitex/pkg/klog"
	"github.com/cloudwego/kitex/pkg/rpcinfo"
	"github.com/cloudwego/kitex/pkg/transmeta"
	"github.com/cloudwego/kitex/server"
	etcd "github.com/kitex-contrib/registry-etcd"

	"example.com/im/idl"
	"example.com/im/idl/gen/im"
	"example.com/im/idl/gen/im/imservice"
)

func main() {
	klog.SetLevel(klog.LevelWarn)
	hlog.SetLevel(hlog.LevelWarn)
	if err := run(os.Getenv("SUBJECT")); err != nil {
		fmt.Fprintln(os.Stderr, "subject:", err)
		os.Exit(1)
	}
}

// run serves as the subject of that name until a signal stops it.
func run(name string) error {
	switch name {
	case "gateway":
		return serveGateway(os.Getenv("HTTP_ADDR"), os.Getenv("ETCD_ENDPOINTS"))
	case "empty":
		return serveRPC(newEmpty())
	case "naive":
		n, err := openNaive(os.Getenv("MYSQL_DSN"))
		if err != nil {
			return err
		}
		return errors.Join(serveRPC(n), n.close())
	}
	return fmt.Errorf("SUBJECT is %q; want gateway, empty or naive", name)
}

// serveRPC serves a handler as Kitex's documentation has it, until a signal stops
// it.
func serveRPC(handler im.IMService) error {
	registry, err := etcd.NewEtcdRegistry([]string{os.Getenv("ETCD_ENDPOINTS")})
	if err != nil {
		return err
	}
	addr, err := net.ResolveTCPAddr("tcp", os.Getenv("RPC_ADDR"))
	if err != nil {
		return err
	}
	// It is ready when it is registered, which etcd tells.
	debug := &http.Server{
		Addr:              os.Getenv("DEBUG_ADDR"),
		Handler:           http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}),
		ReadHeaderTimeout: time.Second,
	}
	go func() { _ = debug.ListenAndServe() }()
	defer func() { _ = debug.Close() }()
	return imservice.NewServer(handler,
		server.WithServiceAddr(addr),
		server.WithRegistry(registry),
		server.WithServerBasicInfo(&rpcinfo.EndpointBasicInfo{ServiceName: idl.ServiceName}),
		server.WithMetaHandler(transmeta.ServerTTHeaderHandler),
	).Run()
}

// base is what the rpc-servers have in common.
type base struct {
	// IMService is nil. Only the product's http-server makes the calls that have no
	// handler here, and Kitex turns the panic into an error.
	im.IMService
}

// Health answers that the server can serve.
func (base) Health(context.Context, *im.HealthRequest) (*im.HealthResponse, error) {
	return &im.HealthResponse{}, nil
}
