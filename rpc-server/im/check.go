package im

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/cloudwego/kitex/client"

	"example.com/im/idl"
	"example.com/im/idl/daemon"
	"example.com/im/idl/gen/im"
	"example.com/im/idl/gen/im/imservice"
	"example.com/im/idl/rpctls"
)

// askTimeout bounds one call of Health.
const askTimeout = 3 * time.Second

// CheckHealth asks the server that listens on addr, of this host, whether it can serve.
// Its error says why not.
func CheckHealth(ctx context.Context, s Settings) error {
	resp, err := ask(ctx, s.Addr, s.TLS)
	if err != nil {
		return err
	}
	if resp.Code != im.Code_OK {
		return errors.New(resp.Msg)
	}
	return nil
}

// ask calls Health of the server that listens on addr, of this host.
func ask(ctx context.Context, addr string, secure rpctls.Settings) (*im.HealthResponse, error) {
	addr, err := daemon.Reach(addr)
	if err != nil {
		return nil, err
	}
	options, err := secure.ClientOptions(slog.New(slog.DiscardHandler))
	if err != nil {
		return nil, err
	}
	options = append(options, client.WithHostPorts(addr), client.WithRPCTimeout(askTimeout), client.WithConnectTimeout(askTimeout))
	c, err := imservice.NewClient(idl.ServiceName, options...)
	if err != nil {
		return nil, err
	}
	return c.Health(ctx, &im.HealthRequest{})
}

// awaitServing returns when the service answers, or has ended. Gateways should not find
// the service earlier. Kitex (v0.16.3) must not be stopped earlier: it would go on to
// serve.
func (s *Server) awaitServing(served chan error) {
	for {
		if _, err := ask(context.Background(), s.Addr().String(), s.cfg.TLS); err == nil {
			return
		}
		select {
		case err := <-served:
			served <- err
			return
		default:
		}
	}
}
