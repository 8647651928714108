package storetest

import (
	"fmt"
	"math/rand/v2"
	"net"
	"strconv"
	"testing"
)

// Ports are below the range from which Linux takes those of outgoing connections (32768
// and up). A port within the range could be taken while its server is down. A client
// that dials a free port there can even connect to itself.
const (
	firstPort = 20_000
	lastPort  = 32_000
)

// Reserve returns a loopback address, host:port, that is free and stays free for
// the servers of this test, also between a stop and a start.
func Reserve(t testing.TB) string {
	t.Helper()
	for range 1000 {
		port := firstPort + rand.IntN(lastPort-firstPort)
		// All tests, of this process and of others, see at a second loopback address
		// that the port is taken. The first is for the server.
		mark, err := net.Listen("tcp", fmt.Sprintf("127.0.0.2:%d", port))
		if err != nil {
			continue
		}
		addr := fmt.Sprintf("127.0.0.1:%d", port)
		probe, err := net.Listen("tcp", addr)
		if err != nil {
			_ = mark.Close()
			continue
		}
		_ = probe.Close()
		t.Cleanup(func() { _ = mark.Close() })
		return addr
	}
	t.Fatal("no free port")
	return ""
}

// wildcard is how far below a reserved port the one lies that [ReserveWildcard] returns.
const wildcard = 13_000

// ReserveWildcard is [Reserve] for a server that listens on all addresses, whatever its
// settings. Such a server would meet the marks of this package's other ports.
func ReserveWildcard(t testing.TB) string {
	t.Helper()
	for range 1000 {
		_, text, err := net.SplitHostPort(Reserve(t))
		if err != nil {
			t.Fatal(err)
		}
		port, err := strconv.Atoi(text)
		if err != nil {
			t.Fatal(err)
		}
		probe, err := net.Listen("tcp", fmt.Sprintf(":%d", port-wildcard))
		if err != nil {
			continue
		}
		_ = probe.Close()
		return fmt.Sprintf("127.0.0.1:%d", port-wildcard)
	}
	t.Fatal("no free port")
	return ""
}
