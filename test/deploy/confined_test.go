package deploy

import (
	"net"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"

	"example.com/im/rpc-server/store/storetest"
	"example.com/im/test/process"
)

// The services work under the bounds that their units set for system calls, memory and
// sockets: rpc-server finds this machine's address, and a message is sent and read.
func TestServicesWorkConfined(t *testing.T) {
	t.Parallel()
	storetest.Needs(t, "MariaDB and etcd")
	self := executable(t)
	rpcBounds := confined(t, process.Shipped(t, "rpc-server"), unit(t, "rpc-server"))
	httpBounds := confined(t, process.Shipped(t, "http-server"), unit(t, "http-server"))
	etcd := process.StartEtcd(t, storetest.Reserve(t))
	dsn := storetest.StartServer(t).Create(t, "im")
	process.StartRPCServerAs(t, self, etcd.Addr, dsn, append(rpcBounds, "ADVERTISE_ADDR=", "RPC_ADDR=:0")...).AwaitReady(t)
	gateway := process.StartGatewayAs(t, self, etcd.Addr, httpBounds...)
	gateway.AwaitReady(t) // it has found the instance in etcd
	wantOwnAddress(t, etcd)
	resp, err := http.Post(gateway.URL+"/api/send", "application/json", strings.NewReader(`{"chat":"a:b","sender":"a","text":"hello"}`))
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		t.Errorf("send: %s", resp.Status)
	}
	if status := process.Status(gateway.URL + "/api/pull?chat=a:b"); status != http.StatusOK {
		t.Errorf("pull: %d", status)
	}
}

// wantOwnAddress wants that the only instance in etcd has an address by which other machines
// reach this one, if it has one.
func wantOwnAddress(t *testing.T, etcd *process.Etcd) {
	t.Helper()
	addresses, err := net.InterfaceAddrs()
	if err != nil {
		t.Fatal(err)
	}
	outward := slices.ContainsFunc(addresses, func(a net.Addr) bool {
		network, ok := a.(*net.IPNet)
		return ok && network.IP.IsGlobalUnicast() && network.IP.To4() != nil
	})
	registered, err := etcd.Registered(t.Context())
	if err != nil || len(registered) != 1 || outward && strings.HasPrefix(registered[0], "127.") {
		t.Errorf("registered: %q, %v; this machine has an address for others: %t", registered, err, outward)
	}
}

// Bounds that are too narrow end a service. One of them is why the units leave
// MemoryDenyWriteExecute out: a library makes code at the start (sonic's loader v0.5.3).
func TestNarrowBoundsAreFound(t *testing.T) {
	t.Parallel()
	storetest.Needs(t, "the services' programs")
	self, text := executable(t), unit(t, "rpc-server")
	for name, tc := range map[string]struct{ old, changed, want string }{
		"no code from memory": {"MemoryDenyWriteExecute=no", "MemoryDenyWriteExecute=yes", "mprotect"},
		"no network":          {"AF_INET AF_INET6 AF_UNIX", "AF_UNIX", "operation not permitted"},
		"few system calls":    {"SystemCallFilter=~@privileged", "SystemCallFilter=~@privileged @network-io", "operation not permitted"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if !strings.Contains(text, tc.old) {
				t.Fatalf("the unit has no %s", tc.old)
			}
			bounds := confined(t, process.Shipped(t, "rpc-server"), strings.Replace(text, tc.old, tc.changed, 1))
			settings := append(bounds, "MYSQL_DSN=im@tcp(127.0.0.1:1)/im", "DEBUG_ADDR=127.0.0.1:0")
			p := process.Start(t, name, []string{self}, settings)
			if status := p.Wait(t); status == 0 || !p.Log().Contains(tc.want) {
				t.Errorf("exit status %d, output %q; want %q", status, p.Log(), tc.want)
			}
		})
	}
}

// executable returns the path of the test's own program.
func executable(t *testing.T) string {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return self
}
