package im

import "net"

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
