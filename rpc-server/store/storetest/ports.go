package storetest

import (
	"fmt"
	"math/rand/v2"
	"net"
	"strconv"
	"testing"
)

// Ports are taken from below the range from which Linux takes those of outgoing
// connections (32768 and up): one of those could have taken the port of a server
// that is down for a while, and a client that dials a free port within the range
// can even connect to itself.
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
		// A second loopback address is where all tests, of this process and of
		// others, see that the port is taken: the first is for the server.
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

// ReserveWildcard is [Reserve] for a server that listens on all addresses, whatever it
// is told, and would find the mark of another port of this package in its way.
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
