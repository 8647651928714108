package daemon_test

import (
	"testing"

	"example.com/im/idl/daemon"
)

func TestReach(t *testing.T) {
	t.Parallel()
	for addr, want := range map[string]string{
		":80": "127.0.0.1:80", "0.0.0.0:80": "127.0.0.1:80", "[::]:80": "127.0.0.1:80",
		"192.0.2.1:80": "192.0.2.1:80", "[2001:db8::1]:80": "[2001:db8::1]:80", "im:80": "im:80",
	} {
		if got, err := daemon.Reach(addr); err != nil || got != want {
			t.Errorf("%s is reached at %q, %v; want %s", addr, got, err, want)
		}
	}
	if _, err := daemon.Reach("80"); err == nil {
		t.Error("an address without a port is reached")
	}
}
