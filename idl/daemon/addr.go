package daemon

import "net"

// Reach returns the address at which this host reaches a server that listens on addr,
// host:port: where that is every interface, by the loopback one. An error says what is
// wrong with addr.
func Reach(addr string) (string, error) {
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		return "", err
	}
	if ip := net.ParseIP(host); host == "" || ip.IsUnspecified() {
		host = "127.0.0.1"
	}
	return net.JoinHostPort(host, port), nil
}
