package rpctls

import (
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"log/slog"
	"net"
	"time"

	"github.com/cloudwego/kitex/client"
	"github.com/cloudwego/kitex/pkg/remote/trans/gonet"

	"example.com/im/idl/credential"
)

// welcome is what the server sends when it has accepted the client's certificate. In TLS
// 1.3 a client's handshake ends before that. It would learn of a refusal only when it has
// sent a call, of which it then could not say whether it was executed.
const welcome = 'W'

// ClientOptions returns the options of a Kitex client; none without settings. The log is
// told when certificates change.
func (s Settings) ClientOptions(log *slog.Logger) ([]client.Option, error) {
	if !s.On() {
		return nil, nil
	}
	own, err := s.load(log)
	if err != nil {
		return nil, err
	}
	return []client.Option{
		client.WithDialer(&dialer{s, own}),
		client.WithTransHandlerFactory(gonet.NewCliTransHandlerFactory()),
	}, nil
}

// dialer implements Kitex's remote.Dialer.
type dialer struct {
	settings Settings
	own      *credential.Reloaded
}

// DialTimeout connects, with the handshake, within the timeout.
func (d *dialer) DialTimeout(network, address string, timeout time.Duration) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(context.Background(), timeout)
	defer cancel()
	tcp, err := new(net.Dialer).DialContext(ctx, network, address)
	if err != nil {
		return nil, err
	}
	secure := tls.Client(tcp, d.settings.clientConfig(d.own))
	if err := shakeHands(ctx, secure); err != nil {
		_ = tcp.Close()
		return nil, fmt.Errorf("TLS with rpc-server %s: %w", address, err)
	}
	return newConn(secure), nil
}

// shakeHands returns nil when both sides have accepted each other.
func shakeHands(ctx context.Context, secure *tls.Conn) error {
	if err := secure.HandshakeContext(ctx); err != nil {
		return err
	}
	deadline, _ := ctx.Deadline()
	if err := secure.SetReadDeadline(deadline); err != nil {
		return err
	}
	var hello [1]byte
	if _, err := io.ReadFull(secure, hello[:]); err != nil {
		return err
	}
	if hello[0] != welcome {
		return fmt.Errorf("it says %q, and not that it takes the certificate", hello)
	}
	return secure.SetReadDeadline(time.Time{})
}
