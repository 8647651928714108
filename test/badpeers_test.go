package test

import (
	"io"
	"net"
	"testing"
	"time"

	"example.com/im/rpc-server/store/storetest"
	"example.com/im/test/process"
)

// Whoever reaches the RPC port could fill the log, by connections that break the
// protocol.
func TestBadPeersFillNoLog(t *testing.T) {
	t.Parallel()
	ownSystem(t)
	rpc := process.StartRPCServer(t, storetest.Reserve(t), storetest.MySQL(t))
	rpc.AwaitReady(t)
	begin, before := time.Now(), len(rpc.Log().Lines())
	const peers = 1000
	for range peers {
		conn, err := net.Dial("tcp", rpc.Addr)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(conn, "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"); err != nil {
			t.Error(err)
		}
		_, _ = io.Copy(io.Discard, conn) // until the server hangs up
		_ = conn.Close()
	}
	// Ten lines a second, ten more at the start, and the service's own.
	most := 10*int(time.Since(begin)/time.Second+1) + 20
	switch told := len(rpc.Log().Lines()) - before; {
	case most >= peers:
		t.Skipf("the machine is too slow to tell: %d connections took %v", peers, time.Since(begin))
	case told == 0 || told > most:
		t.Errorf("%d connections made %d lines in %v; want a few, at most %d", peers, told, time.Since(begin), most)
	}
	rpc.Stop(t)
}
