package peer

import (
	"net/netip"
	"testing"
)

func TestClientAddress(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		proxies   []string
		peer      string
		forwarded []string // header lines
		want      string
	}{
		"IPv4":                        {nil, "192.0.2.1:5", nil, "192.0.2.1/32"},
		"IPv4 in IPv6":                {nil, "[::ffff:192.0.2.1]:5", nil, "192.0.2.1/32"},
		"IPv6":                        {nil, "[2001:db8::1:2:3:4]:5", nil, "2001:db8::/64"},
		"IPv6 of a link":              {nil, "[fe80::1%eth0]:5", nil, "fe80::/64"},
		"no proxy is trusted":         {nil, "192.0.2.1:5", []string{"198.51.100.1"}, "192.0.2.1/32"},
		"not that proxy":              {[]string{"10.0.0.0/8"}, "192.0.2.1:5", []string{"198.51.100.1"}, "192.0.2.1/32"},
		"a proxy":                     {[]string{"10.0.0.0/8"}, "10.0.0.1:5", []string{"192.0.2.1"}, "192.0.2.1/32"},
		"a proxy that adds the port":  {[]string{"10.0.0.0/8"}, "10.0.0.1:5", []string{"192.0.2.1:1234"}, "192.0.2.1/32"},
		"the same, IPv6":              {[]string{"fd00::/8"}, "[fd00::1]:5", []string{"[2001:db8:0:1::1]:1234"}, "2001:db8:0:1::/64"},
		"a proxy, IPv6":               {[]string{"fd00::/8"}, "[fd00::1]:5", []string{"2001:db8:0:1::1"}, "2001:db8:0:1::/64"},
		"a proxy, IPv4 in IPv6":       {[]string{"10.0.0.0/8"}, "[::ffff:10.0.0.1]:5", []string{"::ffff:192.0.2.1"}, "192.0.2.1/32"},
		"two proxies":                 {[]string{"10.0.0.0/8"}, "10.0.0.1:5", []string{"192.0.2.1, 10.0.0.2"}, "192.0.2.1/32"},
		"an invented address":         {[]string{"10.0.0.0/8"}, "10.0.0.1:5", []string{"198.51.100.1, 192.0.2.1"}, "192.0.2.1/32"},
		"invented, on its own line":   {[]string{"10.0.0.0/8"}, "10.0.0.1:5", []string{"198.51.100.1", "192.0.2.1"}, "192.0.2.1/32"},
		"an invented proxy":           {[]string{"10.0.0.0/8"}, "10.0.0.1:5", []string{"10.0.0.9, 192.0.2.1"}, "192.0.2.1/32"},
		"nonsense before the address": {[]string{"10.0.0.0/8"}, "10.0.0.1:5", []string{"nonsense, 192.0.2.1"}, "192.0.2.1/32"},
		"nonsense":                    {[]string{"10.0.0.0/8"}, "10.0.0.1:5", []string{"192.0.2.1, nonsense"}, "10.0.0.1/32"},
		"the proxy itself":            {[]string{"10.0.0.0/8"}, "10.0.0.1:5", nil, "10.0.0.1/32"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var header [][]byte
			for _, line := range tc.forwarded {
				header = append(header, []byte(line))
			}
			var s Settings
			for _, p := range tc.proxies {
				s.Proxies = append(s.Proxies, netip.MustParsePrefix(p))
			}
			got := s.Client(netip.MustParseAddrPort(tc.peer).Addr(), header)
			if got.String() != tc.want {
				t.Errorf("client = %v; want %s", got, tc.want)
			}
		})
	}
}
