package storetest

import (
	"io"
	"net"
	"testing"
	"time"
)

// startEcho starts a server that sends back what it gets.
func startEcho(t *testing.T) (addr string) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go func() {
				_, _ = io.Copy(conn, conn)
				_ = conn.Close()
			}()
		}
	}()
	return listener.Addr().String()
}

func write(t *testing.T, conn net.Conn, text string) {
	t.Helper()
	if _, err := io.WriteString(conn, text); err != nil {
		t.Error(err)
	}
}

func wantRead(t *testing.T, conn net.Conn, want string) {
	t.Helper()
	got := make([]byte, len(want))
	if _, err := io.ReadFull(conn, got); err != nil || string(got) != want {
		t.Errorf("read %q, %v; want %q", got, err, want)
	}
}

// A delayed piece holds up what follows on its connection, and nothing else.
func TestProxyDelay(t *testing.T) {
	t.Parallel()
	p := NewProxy(t, startEcho(t))
	var conns [2]net.Conn
	for i := range conns {
		conn, err := net.Dial("tcp", p.Addr())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = conn.Close() })
		conns[i] = conn
	}
	slow, quick := conns[0], conns[1]
	seen := make(chan bool, 10)
	p.SetRule(func([]byte) Action { seen <- true; return Pass })
	const delay = 2 * time.Second
	p.SetDelay(delay)
	begin := time.Now()
	write(t, slow, "1")
	<-seen
	p.SetDelay(0)
	write(t, slow, "2")
	come := make(chan time.Duration)
	go func() {
		wantRead(t, slow, "12")
		come <- time.Since(begin)
	}()
	write(t, quick, "3")
	wantRead(t, quick, "3")
	select {
	case after := <-come:
		t.Errorf("the delayed piece has come after %v, before another connection's", after)
	default:
		if after := <-come; after < delay {
			t.Errorf("the delayed piece has come after %v; want %v", after, delay)
		}
	}
}
