package test

import (
	"errors"
	"io"
	"net"
	"os"
	"strings"
	"testing"
	"time"

	"example.com/im/test/stack/stacktest"
)

// The gateway closes the connection of an endless request long before that could fill a
// memory.
func TestEndlessRequest(t *testing.T) {
	t.Parallel()
	ownSystem(t)
	s, _ := stacktest.Start(t)
	addr := s.Addr().String()
	const (
		most  = 64 << 20 // bytes: what is read of a body or after an answer, and the buffers of the connection
		piece = 64 << 10
	)
	filler := strings.Repeat("x", piece-2)
	for name, tc := range map[string]struct{ first, then string }{
		"path":   {"GET /", filler},
		"header": {"GET /ping HTTP/1.1\r\nHost: localhost\r\nX: ", filler},
		"headers": {
			"GET /ping HTTP/1.1\r\nHost: localhost\r\n", strings.Repeat("X: x\r\n", piece/6),
		},
		"body": {
			"POST /api/send HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000000000\r\n\r\n", filler,
		},
		"chunks": {
			"POST /api/send HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n", "fffe\r\n" + filler + "\r\n",
		},
		"trailer": {
			"POST /api/send HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nX: ", filler,
		},
		"chunk size": {
			"POST /api/send HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n1;", filler,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			conn, err := net.Dial("tcp", addr)
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = conn.Close() }()
			// Less than READ_TIMEOUT, which would end it as well.
			if err := conn.SetDeadline(time.Now().Add(20 * time.Second)); err != nil {
				t.Fatal(err)
			}
			sent, err := io.WriteString(conn, tc.first)
			for err == nil && sent <= most {
				var n int
				n, err = io.WriteString(conn, tc.then)
				sent += n
			}
			if err == nil || errors.Is(err, os.ErrDeadlineExceeded) {
				t.Errorf("after %d bytes: %v; want to be cut off", sent, err)
			}
		})
	}
}
