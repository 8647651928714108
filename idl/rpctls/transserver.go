package rpctls

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"github.com/cloudwego/kitex/pkg/remote"
	"github.com/cloudwego/kitex/pkg/rpcinfo"
	"golang.org/x/time/rate"
)

// acceptDelay is the pause after a connection could not be accepted, most often for want
// of file descriptors.
const acceptDelay = 50 * time.Millisecond

// transServer serves connections, each in a goroutine of its own.
type transServer struct {
	*factory
	opt      *remote.ServerOption
	handler  remote.ServerTransHandler
	refusals rate.Sometimes

	mu       sync.Mutex
	listener net.Listener
	conns    map[*served]struct{}
	stopped  bool
}

// served is a connection that is served. It is idle while no call is under way.
type served struct {
	*tls.Conn
	idle atomic.Bool
}

// BootstrapServer implements Kitex's remote.TransServer: it serves until Shutdown.
func (s *transServer) BootstrapServer(listener net.Listener) error {
	s.mu.Lock()
	s.listener = listener
	s.mu.Unlock()
	for {
		tcp, err := listener.Accept()
		switch {
		case errors.Is(err, net.ErrClosed):
			return nil
		case err != nil:
			<-time.After(acceptDelay)
			continue
		}
		c := &served{Conn: tls.Server(tcp, s.config)}
		c.idle.Store(true)
		if !s.add(c) {
			_ = tcp.Close()
			continue
		}
		go s.serve(c)
	}
}

// add takes a connection in, unless the server has stopped.
func (s *transServer) add(c *served) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.stopped {
		s.conns[c] = struct{}{}
	}
	return !s.stopped
}

// serve serves a connection until it ends.
func (s *transServer) serve(c *served) {
	defer func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		delete(s.conns, c)
	}()
	defer func() { _ = c.Close() }()
	// The limit of connections counts those in their handshake as well.
	buffered := newConn(c.Conn)
	ctx, err := s.handler.OnActive(context.Background(), buffered)
	defer s.handler.OnInactive(ctx, buffered)
	if err != nil {
		return
	}
	if err := accept(c.Conn); err != nil {
		s.refused(c.RemoteAddr(), err)
		return
	}
	defer func() { _ = buffered.Close() }()
	if err := s.calls(ctx, c, buffered); err != nil && !c.idle.Load() {
		s.handler.OnError(ctx, err, buffered)
	}
}

// accept completes the handshake, and tells the client so.
func accept(secure *tls.Conn) error {
	if err := secure.SetDeadline(time.Now().Add(handshakeTimeout)); err != nil {
		return err
	}
	if err := secure.Handshake(); err != nil {
		return err
	}
	if _, err := secure.Write([]byte{welcome}); err != nil {
		return err
	}
	return secure.SetDeadline(time.Time{})
}

// calls answers the calls of a connection, one after the other.
func (s *transServer) calls(ctx context.Context, c *served, buffered *conn) error {
	for {
		c.idle.Store(true)
		if err := buffered.SetReadDeadline(time.Now().Add(idleTimeout)); err != nil {
			return err
		}
		if _, err := buffered.reader.Peek(1); err != nil {
			return err
		}
		c.idle.Store(false)
		if err := buffered.SetReadDeadline(time.Now().Add(rpcinfo.GetRPCInfo(ctx).Config().ReadWriteTimeout())); err != nil {
			return err
		}
		if err := s.handler.OnRead(ctx, buffered); err != nil {
			return err
		}
	}
}

// Shutdown implements Kitex's remote.TransServer: it stops accepting, hangs up on idle
// connections, and waits for calls under way, at most as long as the server may take.
func (s *transServer) Shutdown() error {
	s.mu.Lock()
	s.stopped = true
	listener := s.listener
	s.mu.Unlock()
	if listener != nil {
		_ = listener.Close()
	}
	ctx, cancel := context.WithTimeout(context.Background(), s.opt.ExitWaitTime)
	defer cancel()
	if g, ok := s.handler.(remote.GracefulShutdown); ok {
		_ = g.GracefulShutdown(ctx) // answers tell clients to close
	}
	tick := time.NewTicker(hangUpInterval)
	defer tick.Stop()
	for s.hangUpIdle() > 0 {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-tick.C:
		}
	}
	return nil
}

// hangUpIdle ends idle connections. It returns how many there still are.
func (s *transServer) hangUpIdle() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	for c := range s.conns {
		if c.idle.Load() {
			_ = c.SetReadDeadline(time.Now())
		}
	}
	return len(s.conns)
}
