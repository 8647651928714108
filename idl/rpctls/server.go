package rpctls

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"log/slog"
	"net"
	"time"

	"github.com/cloudwego/kitex/pkg/remote"
	"github.com/cloudwego/kitex/pkg/remote/trans"
	"github.com/cloudwego/kitex/pkg/remote/trans/gonet"
	"github.com/cloudwego/kitex/pkg/utils"
	"github.com/cloudwego/kitex/server"
	"golang.org/x/time/rate"
)

const (
	// handshakeTimeout bounds a handshake.
	handshakeTimeout = 5 * time.Second
	// idleTimeout is longer than clients keep idle connections.
	idleTimeout = 2 * time.Minute
	// hangUpInterval is how often a stop looks for idle connections.
	hangUpInterval = 20 * time.Millisecond
)

// ServerOptions returns the options of a Kitex server on a listener of the package net.
// It serves Thrift alone, by TLS. The log is told when certificates change, and of clients
// that are refused, of one a second.
func (s Settings) ServerOptions(log *slog.Logger) ([]server.Option, error) {
	own, err := s.load(log)
	if err != nil {
		return nil, err
	}
	return []server.Option{
		server.WithTransServerFactory(&factory{config: serverConfig(own), log: log}),
		server.WithTransHandlerFactory(handlers{}),
	}, nil
}

// factory makes trans servers.
type factory struct {
	config *tls.Config
	log    *slog.Logger
}

// NewTransServer implements Kitex's remote.TransServerFactory.
func (f *factory) NewTransServer(opt *remote.ServerOption, handler remote.ServerTransHandler) remote.TransServer {
	return &transServer{
		factory: f, opt: opt, handler: handler, refusals: rate.Sometimes{Interval: time.Second}, conns: make(map[*served]struct{}),
	}
}

// handlers makes trans handlers.
type handlers struct{}

// NewTransHandler implements Kitex's remote.ServerTransHandlerFactory.
func (handlers) NewTransHandler(opt *remote.ServerOption) (remote.ServerTransHandler, error) {
	return trans.NewDefaultSvrTransHandler(opt, extension{gonet.NewGonetExtension()})
}

// extension is gonet's. Its buffers also know how much has come, which gonet's do not.
type extension struct{ trans.Extension }

// NewReadByteBuffer implements Kitex's trans.Extension.
func (e extension) NewReadByteBuffer(ctx context.Context, c net.Conn, m remote.Message) remote.ByteBuffer {
	return counted{e.Extension.NewReadByteBuffer(ctx, c, m), c.(*conn)}
}

// counted is a buffer that knows how much has come.
type counted struct {
	remote.ByteBuffer
	conn *conn
}

// ReadableLen returns how many bytes have come and are not read.
func (c counted) ReadableLen() int { return c.conn.reader.Buffered() }

// refused logs that a client was refused, unless it has only looked whether the port is
// open.
func (s *transServer) refused(client net.Addr, err error) {
	if errors.Is(err, io.EOF) {
		return
	}
	s.refusals.Do(func() {
		s.log.Warn("a client was refused: it must show a certificate of RPC_TLS_CA", "client", client.String(), "err", err)
	})
}

// CreateListener implements Kitex's remote.TransServer.
func (s *transServer) CreateListener(addr net.Addr) (net.Listener, error) {
	return net.Listen(addr.Network(), addr.String())
}

// ConnCount implements Kitex's remote.TransServer.
func (s *transServer) ConnCount() utils.AtomicInt {
	s.mu.Lock()
	defer s.mu.Unlock()
	return utils.AtomicInt(len(s.conns))
}
