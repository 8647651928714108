package rpctest

import (
	"errors"
	"fmt"
	"net"
	"syscall"
	"testing"
	"time"

	"github.com/cloudwego/netpoll"
)

// onceListener is a listener for a Kitex server that closes its file descriptor once.
// The one that netpoll v0.7.2 makes closes it twice. The second time it may be another's
// descriptor: a connection of a gateway in this process.
type onceListener struct {
	netpoll.Listener
	tcp net.Listener
}

func closeOnce(t testing.TB, ln net.Listener) net.Listener {
	t.Helper()
	converted, err := netpoll.ConvertListener(ln)
	if err != nil {
		t.Fatal(err)
	}
	return &onceListener{converted, ln}
}

// Close stops listening. The descriptor is closed when its os.File is
// collected.
func (l *onceListener) Close() error {
	return errors.Join(l.tcp.Close(), syscall.Shutdown(l.Fd(), syscall.SHUT_RDWR))
}

// ListenTCP listens on a free port.
func ListenTCP(t testing.TB) net.Listener {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return ln
}

// startTCP serves connections that do not speak Thrift, and returns the address.
func startTCP(t *testing.T, handle func(net.Conn)) string {
	t.Helper()
	ln := ListenTCP(t)
	t.Cleanup(func() { _ = ln.Close() })
	go func() {
		for {
			conn, err := ln.Accept()
			if err != nil {
				return
			}
			go handle(conn)
		}
	}()
	return ln.Addr().String()
}

// StartDying serves an rpc-server that dies when a request arrives.
func StartDying(t *testing.T) string {
	t.Helper()
	return startTCP(t, func(conn net.Conn) {
		_, _ = conn.Read(make([]byte, 1))
		_ = conn.Close()
	})
}

// StartFrozen serves an rpc-server that never answers.
func StartFrozen(t *testing.T) string {
	t.Helper()
	return startTCP(t, func(conn net.Conn) {
		t.Cleanup(func() { _ = conn.Close() })
	})
}

// Refusing returns an address at which nobody listens. Nobody will, because the test
// holds it.
func Refusing(t *testing.T) string {
	t.Helper()
	_, address := bindTCP(t)
	return address
}

// StartFull returns the address of a socket that takes no connection. Connecting to it
// takes for ever, as to a machine that is gone.
func StartFull(t *testing.T) string {
	t.Helper()
	fd, address := bindTCP(t)
	if err := syscall.Listen(fd, 0); err != nil {
		t.Fatal(err)
	}
	for range 10 { // fill its queue
		conn, err := net.DialTimeout("tcp", address, 50*time.Millisecond)
		if err != nil {
			return address
		}
		t.Cleanup(func() { _ = conn.Close() })
	}
	t.Fatal("the queue does not fill up")
	return ""
}

// bindTCP takes a free port without listening.
func bindTCP(t *testing.T) (fd int, address string) {
	t.Helper()
	fd, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = syscall.Close(fd) })
	if err := syscall.Bind(fd, &syscall.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}); err != nil {
		t.Fatal(err)
	}
	name, err := syscall.Getsockname(fd)
	if err != nil {
		t.Fatal(err)
	}
	return fd, fmt.Sprintf("127.0.0.1:%d", name.(*syscall.SockaddrInet4).Port)
}
