package im

import (
	"context"
	"net"
	"testing"
)

func TestAdvertised(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct{ configured, bound, want string }{
		"configured":     {"im.example:9000", "127.0.0.1:8888", "im.example:9000"},
		"bound to one":   {"", "127.0.0.1:8888", "127.0.0.1:8888"},
		"bound to all":   {"", "0.0.0.0:8888", outwardIP() + ":8888"},
		"bound to all 6": {"", "[::]:8888", outwardIP() + ":8888"},
	} {
		bound, err := net.ResolveTCPAddr("tcp", tc.bound)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := advertised(tc.configured, bound); err != nil || got != tc.want {
			t.Errorf("%s: advertised = %q, %v; want %q", name, got, err, tc.want)
		}
	}
}

func TestUnresolved(t *testing.T) {
	t.Parallel()
	for addr, resolves := range map[string]bool{
		"127.0.0.1:8888": true, "[::1]:8888": true, "localhost:8888": true,
		"nowhere.invalid:8888": false, ":8888": false, "nowhere": false, // .invalid: RFC 2606, section 2
	} {
		if err := unresolved(t.Context(), addr); (err == nil) != resolves {
			t.Errorf("%s: %v; it resolves: %t", addr, err, resolves)
		}
	}
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	if unresolved(gone, "localhost.invalid:8888") == nil {
		t.Error("a lookup goes on after its end")
	}
}
