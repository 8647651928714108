// Package slow has clients that ask for much, and read nothing of it.
package slow

import (
	"context"
	"io"
	"net"
	"strings"
)

const (
	// File is the path of the largest file.
	File = "/docs/swagger-ui-bundle.js"
	// GetFile is the request of it.
	GetFile = "GET " + File + " HTTP/1.1\r\nHost: localhost\r\n\r\n"
	// GetPage is the request of the longest page, of [Messages] times [Message].
	GetPage = "GET /api/pull?chat=slow:reader&limit=1000 HTTP/1.1\r\nHost: localhost\r\n\r\n"
	// Messages is how many messages have room on a page, if each is as long as any may be.
	Messages = 64

	bufferBytes = 4 << 10 // of a client that reads nothing
)

// Message returns the JSON of a message on the longest page. JSON writes each byte of its
// text with six.
func Message() string {
	return `{"chat":"slow:reader","sender":"slow","text":"` + strings.Repeat(`\u0001`, 16<<10) + `"}`
}

// Ask connects to a gateway, and writes a request.
func Ask(ctx context.Context, dialer *net.Dialer, addr, request string) (*net.TCPConn, error) {
	conn, err := dialer.DialContext(ctx, "tcp", addr)
	if err != nil {
		return nil, err
	}
	if _, err := io.WriteString(conn, request); err != nil {
		_ = conn.Close()
		return nil, err
	}
	return conn.(*net.TCPConn), nil
}

// Stall is Ask for a client that reads nothing of the answer, and whose kernel takes little
// of it.
func Stall(ctx context.Context, dialer *net.Dialer, addr, request string) (*net.TCPConn, error) {
	conn, err := Ask(ctx, dialer, addr, request)
	if err != nil {
		return nil, err
	}
	if err := conn.SetReadBuffer(bufferBytes); err != nil {
		_ = conn.Close()
		return nil, err
	}
	return conn, nil
}
