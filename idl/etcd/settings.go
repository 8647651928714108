// Package etcd is how both services reach etcd: the settings, the client that they
// make, and what to tell of a failure. The services decide what they write to etcd and
// read from it.
package etcd

import (
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"strings"
	"time"

	clientv3 "go.etcd.io/etcd/client/v3"
	"go.uber.org/zap"
	"google.golang.org/grpc"
	"google.golang.org/grpc/backoff"

	"example.com/im/idl/credential"
)

// Settings say where etcd is and who asks, for kong. A program whose default is no etcd
// sets kong's variable etcd_endpoints to "".
type Settings struct {
	Endpoints    []string `name:"etcd-endpoints" env:"ETCD_ENDPOINTS" default:"${etcd_endpoints=127.0.0.1:2379}" help:"Addresses of etcd, host:port, separated by commas. With https:// before each, by TLS."`
	CA           string   `name:"etcd-ca" env:"ETCD_CA" help:"PEM file with the authority that signed etcd's certificate. The connection is then by TLS. Empty: with TLS, the system's authorities."`
	Cert         string   `name:"etcd-cert" env:"ETCD_CERT" help:"PEM file with the certificate to show to etcd. The connection is then by TLS."`
	Key          string   `name:"etcd-key" env:"ETCD_KEY" help:"PEM file with the key of ETCD_CERT."`
	Username     string   `name:"etcd-username" env:"ETCD_USERNAME" help:"User of etcd."`
	Password     string   `name:"etcd-password" env:"ETCD_PASSWORD" help:"Password of ETCD_USERNAME. As a flag it shows in the list of processes."`
	PasswordFile string   `name:"etcd-password-file" env:"ETCD_PASSWORD_FILE" help:"File with the password instead."`
}

const (
	// timeout bounds the time to make a connection, and to test one.
	timeout = 2 * time.Second
	// keepAliveTime is the silence after which the client tests a connection. So it
	// notices an etcd that has frozen, or whose machine is gone. gRPC takes no less.
	keepAliveTime = 10 * time.Second
	// retries come within 25 ms of each other. By default there are 100. These may take
	// longer than the caller waits, and the reason of the failure would be lost.
	retries = 10
)

// reconnect is how etcd's client tries to connect again. By default it waits for up to
// two minutes in the end. So would the services after a long outage.
var reconnect = grpc.ConnectParams{
	Backoff:           backoff.Config{BaseDelay: 100 * time.Millisecond, Multiplier: 1.6, Jitter: 0.2, MaxDelay: time.Second},
	MinConnectTimeout: timeout,
}

// Client returns the configuration of etcd's client. It reads the files that the
// settings name. Neither it nor [clientv3.New] waits for a connection.
func (s Settings) Client() (clientv3.Config, error) {
	secure, err := s.tls()
	if err != nil {
		return clientv3.Config{}, err
	}
	password, err := s.password()
	if err != nil {
		return clientv3.Config{}, err
	}
	options := []grpc.DialOption{grpc.WithConnectParams(reconnect), grpc.WithChainUnaryInterceptor(failFast)}
	if s.Username != "" {
		options = append(options, (&user{name: s.Username, password: password}).options()...)
	}
	return clientv3.Config{
		Endpoints:            s.addresses(),
		TLS:                  secure,
		DialKeepAliveTime:    keepAliveTime,
		DialKeepAliveTimeout: timeout,
		DialOptions:          options,
		MaxUnaryRetries:      retries,
		Logger:               zap.NewNop(), // each failed try would be a line: see Outage
	}, nil
}

// Check returns what is wrong with the first setting that cannot work or contradicts
// another. It reads no file. (Its name is not Validate: kong would call that itself, even
// in a program whose default is no etcd.)
func (s Settings) Check() error {
	if len(s.Endpoints) == 0 {
		return errEndpoints
	}
	for _, endpoint := range s.Endpoints {
		scheme, address := split(endpoint)
		host, port, err := net.SplitHostPort(address)
		first, _ := split(s.Endpoints[0])
		switch {
		case err != nil || host == "" || port == "" || strings.Contains(port, "/"),
			scheme != "" && scheme != "http" && scheme != "https":
			return errEndpoints
		case scheme != first:
			return errors.New("ETCD_ENDPOINTS must have https:// before each address or before none")
		case scheme == "http" && (s.CA != "" || s.Cert != ""):
			return errors.New("ETCD_ENDPOINTS must not be http:// with ETCD_CA or ETCD_CERT, which mean TLS")
		}
	}
	switch {
	case (s.Cert == "") != (s.Key == ""):
		return errors.New("ETCD_CERT and ETCD_KEY must be set together")
	case s.Password != "" && s.PasswordFile != "":
		return errors.New("ETCD_PASSWORD and ETCD_PASSWORD_FILE must not both be set")
	case s.Username != "" && s.Password == "" && s.PasswordFile == "":
		return errors.New("ETCD_USERNAME needs ETCD_PASSWORD or ETCD_PASSWORD_FILE")
	case s.Username == "" && (s.Password != "" || s.PasswordFile != ""):
		return errors.New("ETCD_PASSWORD and ETCD_PASSWORD_FILE need ETCD_USERNAME")
	}
	return nil
}

var errEndpoints = errors.New("ETCD_ENDPOINTS must be addresses, host:port or https://host:port, separated by commas")

// split returns the scheme of an endpoint, "" if it has none, and its address.
func split(endpoint string) (scheme, address string) {
	if scheme, address, found := strings.Cut(endpoint, "://"); found {
		return scheme, address
	}
	return "", endpoint
}

// addresses returns the endpoints without a scheme. Etcd's client would take the first
// one's scheme for all, and drop the TLS settings if it is http.
func (s Settings) addresses() []string {
	addresses := make([]string, len(s.Endpoints))
	for i, endpoint := range s.Endpoints {
		_, addresses[i] = split(endpoint)
	}
	return addresses
}

// secure reports whether the connection is by TLS.
func (s Settings) secure() bool {
	return s.CA != "" || s.Cert != "" || len(s.Endpoints) > 0 && strings.HasPrefix(s.Endpoints[0], "https://")
}

// tls returns the settings of TLS, or nil if connections are without it. The client
// checks each member of etcd against the host that its endpoint names.
func (s Settings) tls() (*tls.Config, error) {
	if !s.secure() {
		return nil, nil
	}
	c := &tls.Config{MinVersion: tls.VersionTLS12}
	if s.CA != "" {
		var err error
		if c.RootCAs, err = credential.Authorities(s.CA); err != nil {
			return nil, fmt.Errorf("ETCD_CA: %w", err)
		}
	}
	if s.Cert != "" {
		cert, err := tls.LoadX509KeyPair(s.Cert, s.Key)
		if err != nil {
			return nil, fmt.Errorf("ETCD_CERT, ETCD_KEY: %w", err)
		}
		c.Certificates = []tls.Certificate{cert}
	}
	return c, nil
}

// password returns the user's password.
func (s Settings) password() (string, error) {
	if s.PasswordFile == "" {
		return s.Password, nil
	}
	password, err := credential.Password(s.PasswordFile)
	if err != nil {
		return "", fmt.Errorf("ETCD_PASSWORD_FILE: %w", err)
	}
	return password, nil
}
