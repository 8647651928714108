package im

import (
	"context"
	"net"
	"time"
)

// resolveTimeout is for how long a name server may take to answer.
const resolveTimeout = 10 * time.Second

// advertised returns the address under which other hosts reach bound.
func advertised(configured string, bound net.Addr) (string, error) {
	if configured != "" {
		_, _, err := net.SplitHostPort(configured)
		return configured, err
	}
	host, port, err := net.SplitHostPort(bound.String())
	if err != nil {
		return "", err
	}
	if ip := net.ParseIP(host); ip != nil && ip.IsUnspecified() {
		host = outwardIP()
	}
	return net.JoinHostPort(host, port), nil
}

// outwardIP returns this host's first IPv4 address that is not loopback. Without one it
// returns the loopback address.
func outwardIP() string {
	addrs, _ := net.InterfaceAddrs()
	for _, addr := range addrs {
		if ip, ok := addr.(*net.IPNet); ok && ip.IP.IsGlobalUnicast() && ip.IP.To4() != nil {
			return ip.IP.String()
		}
	}
	return "127.0.0.1"
}

// unresolved returns why this host finds no address for the host in addr, or nil.
func unresolved(ctx context.Context, addr string) error {
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, resolveTimeout)
	defer cancel()
	_, err = net.DefaultResolver.LookupHost(ctx, host)
	return err
}
