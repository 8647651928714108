package test

import (
	"crypto/tls"
	"errors"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"example.com/im/rpc-server/store/storetest"
	"example.com/im/test/process"
)

// Whoever reaches the RPC port could fill the log, by connections that break the
// protocol, or break off. Some are logged, and how many others there were.
func TestBadPeersFillNoLog(t *testing.T) {
	t.Parallel()
	ownSystem(t)
	rpc := process.StartRPCServer(t, storetest.Reserve(t), storetest.MySQL(t))
	rpc.AwaitReady(t)
	begin, before := time.Now(), len(rpc.Log().Lines())
	const each = 500
	var g errgroup.Group
	g.SetLimit(50)
	for range each {
		for _, behave := range []func(net.Conn) error{writeGarbage, breakOff, greetByTLS} {
			g.Go(func() error {
				conn, err := net.Dial("tcp", rpc.Addr)
				if err != nil {
					return err
				}
				defer func() { _ = conn.Close() }()
				return behave(conn)
			})
		}
	}
	if err := g.Wait(); err != nil {
		t.Fatal(err)
	}
	counted := func() int { return strings.Count(rpc.Log().String(), `"lines_left_out":`) }
	process.Await(t, time.Minute, "what was left out is counted", func() bool { return counted() > 0 })
	// Ten lines at the start, two a second and one that counts, and the service's own.
	most := 3*int(time.Since(begin)/time.Second+1) + 20
	if told := len(rpc.Log().Lines()) - before; told > most {
		t.Errorf("%d connections made %d lines in %v; want at most %d", 3*each, told, time.Since(begin), most)
	}
	for _, line := range rpc.Log().Lines() {
		if !strings.HasPrefix(line, "{") {
			t.Errorf("a line is no record: %s", line)
		}
	}
	rpc.Stop(t)
}

// writeGarbage speaks HTTP, until the server hangs up.
func writeGarbage(conn net.Conn) error {
	if _, err := io.WriteString(conn, "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"); err != nil {
		return err
	}
	_, _ = io.Copy(io.Discard, conn)
	return nil
}

// breakOff begins a frame of 64 bytes, and resets the connection.
func breakOff(conn net.Conn) error {
	if _, err := conn.Write([]byte{0, 0, 0, 64, 0x10, 0}); err != nil {
		return err
	}
	return conn.(*net.TCPConn).SetLinger(0)
}

// greetByTLS begins a handshake.
func greetByTLS(conn net.Conn) error {
	if err := tls.Client(conn, &tls.Config{ServerName: "im"}).Handshake(); err == nil {
		return errors.New("the RPC port speaks TLS")
	}
	return nil
}
