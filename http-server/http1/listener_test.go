package http1

import (
	"errors"
	"net"
	"syscall"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
)

// failing is a listener whose first accepts fail, as for want of descriptors.
type failing struct {
	net.Listener
	failures int
}

// Accept fails, or waits for the next connection.
func (f *failing) Accept() (net.Conn, error) {
	if f.failures > 0 {
		f.failures--
		return nil, &net.OpError{Op: "accept", Err: syscall.EMFILE}
	}
	return f.Listener.Accept()
}

// A connection that cannot be accepted must not end the gateway, and those that
// are too many are closed.
func TestAccept(t *testing.T) {
	t.Parallel()
	bound, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	shed := prometheus.NewCounter(prometheus.CounterOpts{})
	ln := NewListener(&failing{bound, 2}, time.Minute, 1, shed)
	accepted := make(chan net.Conn, 1)
	ended := make(chan error, 1)
	go func() {
		for {
			c, err := ln.Accept()
			if err != nil {
				ended <- err
				return
			}
			accepted <- c
		}
	}()
	dial := func() net.Conn {
		c, err := net.Dial("tcp", bound.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = c.Close() })
		return c
	}
	dial()
	first := <-accepted
	if n, err := dial().Read(make([]byte, 1)); err == nil {
		t.Errorf("read %d bytes of a connection too many; want it closed", n)
	}
	if got := testutil.ToFloat64(shed); got != 1 {
		t.Errorf("%v connections counted as shed; want 1", got)
	}
	_ = first.Close()
	dial()
	_ = (<-accepted).Close()
	_ = bound.Close()
	if err := <-ended; !errors.Is(err, net.ErrClosed) {
		t.Errorf("Accept = %v; want net.ErrClosed", err)
	}
}
