// Package hosts says by which names a server may be called.
//
// A page of another site may have a name of that site lead to the address of this server
// (DNS rebinding). To the browser the page and the server are then one site, and the page
// reads what the server answers. Only Host tells the server that it is called by a name
// that is not its own.
package hosts

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strings"

	"golang.org/x/net/idna"
)

// Any is the setting that allows every name.
const Any = "*"

// Settings name the hosts, for kong.
type Settings struct {
	Allowed []string `name:"allowed-hosts" env:"ALLOWED_HOSTS" help:"Names by which this http-server may be called, without port, such as im.example.com; *.example.com is all names under it, * any. Other requests are answered 421. By default localhost, names under it and loopback addresses if HTTP_ADDR is a loopback address, else any."`
}

// Validate implements kong's hook.
func (s Settings) Validate() error {
	for _, name := range s.Allowed {
		under, _ := strings.CutPrefix(name, "*.")
		if _, err := canonical(bracketed(under)); name != Any && err != nil {
			return fmt.Errorf("ALLOWED_HOSTS: %q must be a name without port, *.name, an IP address or *: %w", name, err)
		}
	}
	return nil
}

// Allowed are the hosts by which a server may be called.
type Allowed struct {
	any, loopback bool
	names         []string // canonical; with a dot before, all under it
}

// New returns the hosts that valid settings name, for a server that listens at addr.
func New(s Settings, addr net.Addr) Allowed {
	tcp, ok := addr.(*net.TCPAddr)
	loopback := ok && tcp.IP.IsLoopback()
	a := Allowed{
		any:      slices.Contains(s.Allowed, Any) || len(s.Allowed) == 0 && !loopback,
		loopback: len(s.Allowed) == 0 && loopback,
	}
	for _, name := range s.Allowed {
		under, isUnder := strings.CutPrefix(name, "*.")
		c, err := canonical(bracketed(under))
		switch {
		case err != nil: // it is any
		case isUnder:
			a.names = append(a.names, "."+c)
		default:
			a.names = append(a.names, c)
		}
	}
	return a
}

// bracketed returns a setting as an authority has it: an IPv6 address in brackets.
func bracketed(host string) string {
	if addr, err := netip.ParseAddr(host); err == nil && addr.Is6() {
		return "[" + host + "]"
	}
	return host
}

// Allow reports whether a request may name the authority, a host with or without a port
// (RFC 9110, 4.2). It may name none, "", as HTTP/1.0 allows: no browser leaves it out.
func (a Allowed) Allow(authority string) bool {
	if a.any || authority == "" {
		return true
	}
	host, err := canonical(withoutPort(authority))
	if err != nil {
		return false
	}
	if a.loopback {
		addr, err := netip.ParseAddr(host)
		return err == nil && addr.IsLoopback() || host == "localhost" || strings.HasSuffix(host, ".localhost") // RFC 6761, 6.3
	}
	return slices.ContainsFunc(a.names, func(name string) bool {
		return host == name || name[0] == '.' && strings.HasSuffix(host, name)
	})
}

// withoutPort returns an authority without its port.
func withoutPort(authority string) string {
	if colon := strings.LastIndexByte(authority, ':'); colon > strings.LastIndexByte(authority, ']') {
		return authority[:colon]
	}
	return authority
}

// lookup is how names are compared: in lower case, in Punycode (UTS 46), with characters
// such as '_' that host names of containers have.
var lookup = idna.New(idna.MapForLookup(), idna.BidiRule(), idna.StrictDomainName(false))

// canonical returns one spelling of a host for all that mean the same. Of names it drops
// the dot at the end, which says that they are complete. Of addresses it knows each
// spelling that a URL may have: 127.1 and 0x7f000001 are 127.0.0.1, and so is
// [::ffff:127.0.0.1].
func canonical(host string) (string, error) {
	if inner, ok := strings.CutPrefix(host, "["); ok {
		inner, ok = strings.CutSuffix(inner, "]")
		if addr, err := netip.ParseAddr(inner); ok && err == nil && addr.Is6() && addr.Zone() == "" {
			return addr.Unmap().String(), nil
		}
		return "", errHost
	}
	name, err := lookup.ToASCII(strings.TrimSuffix(host, "."))
	if err != nil || name == "" || strings.ContainsAny(name, ":/@*[]% ") || strings.Contains("."+name+".", "..") {
		return "", errHost
	}
	if addr, ok := parseIPv4(name); ok {
		return addr.String(), nil
	}
	return name, nil
}

var errHost = errors.New("it is not a host")
