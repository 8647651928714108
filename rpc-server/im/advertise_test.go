package im

import (
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
