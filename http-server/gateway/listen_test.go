package gateway

import (
	"net"
	"strings"
	"testing"
)

// What is wrong with a gateway is found before its address is taken, so the error names
// that even if the address is another's.
func TestListenTakesItsAddressLast(t *testing.T) {
	t.Parallel()
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	cfg := configOn(taken.Addr().String())
	if _, err := newMetrics(cfg.Registerer); err != nil {
		t.Fatal(err)
	}
	if _, err := Listen(cfg); err == nil || !strings.Contains(err.Error(), "metrics: ") {
		t.Errorf("with metrics that are registered: %v", err)
	}
	if _, err := Listen(configOn(taken.Addr().String())); err == nil || !strings.Contains(err.Error(), "in use") {
		t.Errorf("with an address that is taken: %v", err)
	}
}
