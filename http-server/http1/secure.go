package http1

import (
	"crypto/tls"
	"errors"
	"io"
	"net"
	"time"
)

// notSecure answers a client that speaks HTTP where TLS is spoken.
const notSecure = "HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Type: text/plain\r\nContent-Length: 31\r\n\r\n" +
	"This port is by TLS: use https\n"

// greet completes the handshake of a new connection, then gives it to Hertz. The client
// has the time for it in which it has to send its first request (see add). Accept waits
// for none.
func (l *Listener) greet(c *Conn, secure *tls.Conn) {
	_ = secure.SetWriteDeadline(time.Now().Add(l.timeout))
	err := secure.Handshake()
	if err == nil {
		l.offer(c)
		return
	}
	if plain, ok := errors.AsType[tls.RecordHeaderError](err); ok && plain.Conn != nil && mayBeMethod(plain.RecordHeader[:]) {
		_, _ = io.WriteString(plain.Conn, notSecure)
	}
	_ = c.Close()
}

// transportOf returns what is under TLS, after it has told the client that nothing more
// comes (RFC 8446, 6.1). It returns any other connection as it is.
func transportOf(conn net.Conn) net.Conn {
	secure, ok := conn.(*tls.Conn)
	if !ok {
		return conn
	}
	_ = secure.CloseWrite() // fails if there was no handshake
	return secure.NetConn()
}
