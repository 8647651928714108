package gateway

import (
	"net"
	"strings"
	"testing"
)

// A gateway that cannot be made leaves its address to others.
func TestListenClosesItsSocket(t *testing.T) {
	t.Parallel()
	ln, err := net.Listen("tcp", "127.0.0.77:0") // no other test can take its port meanwhile
	if err != nil {
		t.Fatal(err)
	}
	addr := ln.Addr().String()
	_ = ln.Close()
	cfg := configOn(addr)
	if _, err := newMetrics(cfg.Registerer); err != nil {
		t.Fatal(err)
	}
	if _, err := Listen(cfg); err == nil || !strings.Contains(err.Error(), "metrics: ") {
		t.Errorf("with metrics that are registered: %v", err)
	}
	ln, err = net.Listen("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	_ = ln.Close()
}
