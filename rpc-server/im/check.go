package im

import (
	"context"
	"errors"
	"net"
	"time"

	"github.com/cloudwego/kitex/client"

	"example.com/im/idl"
	"example.com/im/idl/gen/im"
	"example.com/im/idl/gen/im/imservice"
)

// CheckHealth asks the server that listens on addr of this host whether it can
// serve, and returns why not.
func CheckHealth(ctx context.Context, addr string) error {
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		return err
	}
	if ip := net.ParseIP(host); host == "" || ip.IsUnspecified() {
		host = "127.0.0.1"
	}
	c, err := imservice.NewClient(idl.ServiceName, client.WithHostPorts(net.JoinHostPort(host, port)),
		client.WithRPCTimeout(3*time.Second))
	if err != nil {
		return err
	}
	resp, err := c.Health(ctx, &im.HealthRequest{})
	if err != nil {
		return err
	}
	if resp.Code != im.Code_OK {
		return errors.New(resp.Msg)
	}
	return nil
}
