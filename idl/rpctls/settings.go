// Package rpctls makes the way between gateways and rpc-servers mutual TLS, if settings
// ask for it: each side takes only peers with a certificate of one authority.
//
// Kitex (v0.16.3) has TLS for gRPC alone, and netpoll has none. So with these settings
// both sides use Go's own connections: the client by a dialer and the trans handler of
// Kitex's gonet, the server by a trans server of this package. Gonet's own server forgets
// to tell Kitex that a connection has ended, so that MAX_CONNECTIONS counts all there ever
// were, and does not hang up on idle connections at a stop.
package rpctls

import (
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"

	"example.com/im/idl/credential"
)

// Settings say how both services prove who they are to each other, for kong.
type Settings struct {
	CA   string `name:"rpc-tls-ca" env:"RPC_TLS_CA" help:"PEM file with the authority of the certificates of gateways and rpc-servers. Calls are then by mutual TLS. The files are read again when they change."`
	Cert string `name:"rpc-tls-cert" env:"RPC_TLS_CERT" help:"PEM file with this service's certificate, by RPC_TLS_CA."`
	Key  string `name:"rpc-tls-key" env:"RPC_TLS_KEY" help:"PEM file with the key of RPC_TLS_CERT."`
	Name string `name:"rpc-tls-name" env:"RPC_TLS_NAME" default:"rpc-server" help:"DNS name that the certificates of rpc-servers have, whatever their addresses."`
}

// Validate implements kong's hook. It reads no file.
func (s Settings) Validate() error {
	set := 0
	for _, file := range []string{s.CA, s.Cert, s.Key} {
		if file != "" {
			set++
		}
	}
	switch {
	case set != 0 && set != 3:
		return errors.New("RPC_TLS_CA, RPC_TLS_CERT and RPC_TLS_KEY must be set together")
	case set != 0 && s.Name == "":
		return errors.New("RPC_TLS_NAME must name what the certificates of rpc-servers have")
	}
	return nil
}

// On reports whether calls are by TLS.
func (s Settings) On() bool { return s.CA != "" }

// load reads the files.
func (s Settings) load(log *slog.Logger) (*credential.Reloaded, error) {
	own, err := credential.Load(credential.Files{Cert: s.Cert, Key: s.Key, CA: s.CA}, log)
	if err != nil {
		return nil, fmt.Errorf("RPC_TLS_CA, RPC_TLS_CERT, RPC_TLS_KEY: %w", err)
	}
	return own, nil
}

// clientConfig returns how a client connects now.
func (s Settings) clientConfig(own *credential.Reloaded) *tls.Config {
	identity := own.Identity()
	return &tls.Config{
		MinVersion: tls.VersionTLS13, ServerName: s.Name, RootCAs: identity.Authorities,
		// Not Certificates: it would show none if the server asked for another authority,
		// and the server would not say that the one shown is wrong.
		GetClientCertificate: func(*tls.CertificateRequestInfo) (*tls.Certificate, error) { return identity.Certificate, nil },
	}
}

// serverConfig returns how a server takes connections. Each handshake asks for the
// certificate: a session that goes on without would outlive it.
func serverConfig(own *credential.Reloaded) *tls.Config {
	return &tls.Config{
		MinVersion: tls.VersionTLS13,
		GetConfigForClient: func(*tls.ClientHelloInfo) (*tls.Config, error) {
			identity := own.Identity()
			return &tls.Config{
				MinVersion: tls.VersionTLS13, Certificates: []tls.Certificate{*identity.Certificate},
				ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: identity.Authorities, SessionTicketsDisabled: true,
			}, nil
		},
	}
}
