package gateway

import (
	"crypto/tls"
	"net"
	"net/http"
	"testing"
	"time"

	"example.com/im/idl/credential"
	"example.com/im/idl/credential/credentialtest"
)

// halfConn is a connection whose sending side can be closed alone.
type halfConn interface {
	net.Conn
	CloseWrite() error
}

// withAndWithoutTLS runs a test twice: with a gateway that has a certificate, and with one
// that has none.
func withAndWithoutTLS(t *testing.T, test func(*testing.T, func(*Config))) {
	t.Helper()
	t.Parallel()
	t.Run("plain", func(t *testing.T) { t.Parallel(); test(t, func(*Config) {}) })
	t.Run("TLS", func(t *testing.T) { t.Parallel(); test(t, withTLS(t)) })
}

// withTLS gives a gateway a certificate for its address.
func withTLS(t *testing.T) func(*Config) {
	t.Helper()
	cert, key := credentialtest.NewAuthority(t).Issue(t, "127.0.0.1")
	return func(c *Config) { c.TLSCert, c.TLSKey = cert, key }
}

// trusting returns how a client connects to the gateway with the certificate in a file,
// and to no other; nil: without TLS.
func trusting(t testing.TB, cert string) *tls.Config {
	t.Helper()
	if cert == "" {
		return nil
	}
	roots, err := credential.Authorities(cert)
	if err != nil {
		t.Fatal(err)
	}
	return &tls.Config{RootCAs: roots, ServerName: "127.0.0.1", NextProtos: []string{"http/1.1"}}
}

// dial connects to the gateway, by TLS if it has a certificate.
func (g *testGateway) dial(t testing.TB) halfConn {
	t.Helper()
	c, err := g.tryDial()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// tryDial is dial for a gateway that may refuse.
func (g *testGateway) tryDial() (halfConn, error) {
	c, err := net.Dial("tcp", g.Addr().String())
	if err != nil {
		return nil, err
	}
	if g.cfg.TLSCert == "" {
		return c.(*net.TCPConn), nil
	}
	secure := tls.Client(c, g.client.Transport.(*http.Transport).TLSClientConfig.Clone())
	_ = secure.SetDeadline(time.Now().Add(rawLimit))
	if err := secure.Handshake(); err != nil {
		_ = c.Close()
		return nil, err
	}
	return secure, secure.SetDeadline(time.Time{})
}

// transportOf returns what is under TLS, or the connection itself.
func transportOf(c net.Conn) net.Conn {
	if secure, ok := c.(*tls.Conn); ok {
		return secure.NetConn()
	}
	return c
}
