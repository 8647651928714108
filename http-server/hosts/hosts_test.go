package hosts_test

import (
	"net"
	"strings"
	"testing"

	"example.com/im/http-server/hosts"
)

var (
	loopback = &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 8080}
	everyone = &net.TCPAddr{IP: net.IPv6unspecified, Port: 8080}
)

// wantAllowed checks which of some hosts are allowed. Each line has some.
func wantAllowed(t *testing.T, a hosts.Allowed, want bool, lines ...string) {
	t.Helper()
	for _, host := range strings.Fields(strings.Join(lines, " ")) {
		for _, port := range []string{"", ":8080", ":"} {
			if got := a.Allow(host + port); got != want {
				t.Errorf("%s: %t; want %t", host+port, got, want)
			}
		}
	}
}

// Who reaches a loopback address only reads what that machine serves, so no name counts
// that may be another's.
func TestDefaultOnLoopback(t *testing.T) {
	t.Parallel()
	for _, addr := range []net.Addr{loopback, &net.TCPAddr{IP: net.IPv6loopback}, &net.TCPAddr{IP: net.IPv4(127, 9, 9, 9)}} {
		a := hosts.New(hosts.Settings{}, addr)
		wantAllowed(t, a, true,
			"localhost LOCALHOST localhost. im.localhost a.b.localhost.",
			"127.0.0.1 127.0.0.1. 127.1 127.0.1 127.255.255.254 0x7f.1 0X7F000001 017700000001 2130706433 0177.0.0.01",
			"[::1] [0:0:0:0:0:0:0:1] [0000::0001] [::ffff:127.0.0.1] [::FFFF:7f00:1]")
		wantAllowed(t, a, false,
			"evil.example localhost.example notlocalhost localhost.. .localhost x",
			"10.0.0.1 0.0.0.0 128.0.0.1 1 126.255.255.255 127.0.0.1.example 127.0.0.256 127.0.0.1.1 1.127.0.0.1 0x7f.256.0.1 127..1",
			"[::] [::2] [fe80::1] [::ffff:10.0.0.1] [::1%25lo] [127.0.0.1] ::1 [::1 [] [::1].example",
			"xn--a www.xn--p1ai")
		if !a.Allow("") {
			t.Error("a request without Host is refused")
		}
	}
}

func TestDefaultElsewhere(t *testing.T) {
	t.Parallel()
	wantAllowed(t, hosts.New(hosts.Settings{}, everyone), true, "evil.example 10.0.0.1 [::1] a_b xn--a")
	wantAllowed(t, hosts.New(hosts.Settings{Allowed: []string{"a.example", "*"}}, loopback), true, "evil.example 10.0.0.1")
}

// A setting counts on any listener, and nothing else does.
func TestAllowed(t *testing.T) {
	t.Parallel()
	for _, addr := range []net.Addr{loopback, everyone} {
		a := hosts.New(hosts.Settings{Allowed: []string{
			"im.example", "*.Sub.example.", "bücher.example", "*.xn--bcher-kva.test", "http_server", "10.0.0.7", "[fd00::1]", "fd00::2",
		}}, addr)
		wantAllowed(t, a, true,
			"im.example IM.Example im.example. a.sub.example b.a.SUB.example. xn--bcher-kva.example XN--BCHER-KVA.example",
			"a.xn--bcher-kva.test http_server 10.0.0.7 10.7 0xa.0.0.7 [fd00::1] [FD00:0::0:1] [fd00::2] [::ffff:10.0.0.7]")
		wantAllowed(t, a, false,
			"localhost 127.0.0.1 [::1] example x.im.example im.example.net sub.example asub.example xbücher.example",
			"xn--bcher-kva.test 10.0.0.8 [fd00::3] im.example.. im..example *.sub.example *")
	}
}

func TestValidate(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"", " ", "*.", "im.example:8080", "http://im.example", "im.example/", "*.*", "a.*", "*a.example", "[::1]:80", "a b", "a..b", "x@y", "**", "xn--a"} {
		if err := (hosts.Settings{Allowed: []string{"a.example", name}}).Validate(); err == nil || !strings.Contains(err.Error(), "ALLOWED_HOSTS") {
			t.Errorf("%q: %v", name, err)
		}
	}
	for _, name := range []string{"*", "a", "a.", "*.a", "a_b", "bücher.example", "10.0.0.1", "::1", "[::1]"} {
		if err := (hosts.Settings{Allowed: []string{name}}).Validate(); err != nil {
			t.Errorf("%q: %v", name, err)
		}
	}
}
