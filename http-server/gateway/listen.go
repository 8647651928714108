package gateway

import (
	"crypto/tls"
	"fmt"
	"log/slog"
	"net"

	"example.com/im/idl/credential"
)

// Scheme returns the scheme of the API's URLs.
func (s Settings) Scheme() string {
	if s.TLSCert != "" {
		return "https"
	}
	return "http"
}

// listen binds the address. If there is a certificate, connections are by TLS 1.2 or
// later, and by HTTP/1.1 in it.
func listen(s Settings, log *slog.Logger) (net.Listener, error) {
	if s.TLSCert == "" {
		return net.Listen("tcp", s.Addr)
	}
	own, err := credential.Load(credential.Files{Cert: s.TLSCert, Key: s.TLSKey}, log)
	if err != nil {
		return nil, fmt.Errorf("TLS_CERT, TLS_KEY: %w", err)
	}
	ln, err := net.Listen("tcp", s.Addr)
	if err != nil {
		return nil, err
	}
	return tls.NewListener(ln, &tls.Config{
		MinVersion: tls.VersionTLS12,
		NextProtos: []string{"http/1.1"},
		GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) {
			return own.Identity().Certificate, nil
		},
	}), nil
}
