package im

import (
	"errors"
	"net"
	"sync/atomic"
	"syscall"

	"github.com/cloudwego/netpoll"
)

// listener is a netpoll listener that its first Close leaves open.
//
// To stop, Kitex (v0.16.3) closes the listener. Later netpoll (v0.7.2) takes the number
// of its file descriptor out of the poller, and closes the number again. By then the
// number may belong to another connection, of a client or of the database. So only
// netpoll's Close counts. A connection that was accepted before it is served like the
// others.
type listener struct {
	netpoll.Listener
	bound  net.Listener
	closes atomic.Int32
}

// listen binds the address. stop releases it, if it is not served.
func listen(s Settings) (l net.Listener, stop func() error, err error) {
	bound, err := net.Listen("tcp", s.Addr)
	if err != nil {
		return nil, nil, err
	}
	if s.TLS.On() { // then netpoll has no part in it
		return bound, bound.Close, nil
	}
	converted, err := netpoll.ConvertListener(bound)
	if err != nil {
		_ = bound.Close()
		return nil, nil, err
	}
	ours := &listener{Listener: converted, bound: bound}
	return ours, ours.stop, nil
}

// Close stops listening, the second time. The descriptor itself is released when the
// collector frees netpoll's os.File: a Close of that would release the number twice,
// too.
func (l *listener) Close() error {
	if l.closes.Add(1) != 2 {
		return nil
	}
	return l.stop()
}

func (l *listener) stop() error {
	return errors.Join(l.bound.Close(), syscall.Shutdown(l.Fd(), syscall.SHUT_RDWR))
}
