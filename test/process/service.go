package process

import (
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"example.com/im/rpc-server/store/storetest"
)

// startTimeout is for how long a program may take until it serves, on a machine
// that is busy with other tests.
const startTimeout = 60 * time.Second

// drainDelay replaces the services' default in tests that are not about stopping.
const drainDelay = "DRAIN_DELAY=100ms"

// RPCServer is an rpc-server.
type RPCServer struct {
	*Process
	Addr  string // registered in etcd
	debug string
}

// StartRPCServer starts an rpc-server with further settings, such as
// "LOG_LEVEL=debug", and does not wait until it serves.
func StartRPCServer(t testing.TB, etcd, dsn string, settings ...string) *RPCServer {
	t.Helper()
	return StartRPCServerAs(t, Binary(t, "rpc-server"), etcd, dsn, settings...)
}

// StartRPCServerAs starts another program as an rpc-server.
func StartRPCServerAs(t testing.TB, program, etcd, dsn string, settings ...string) *RPCServer {
	t.Helper()
	addr, debug := storetest.Reserve(t), storetest.Reserve(t)
	env := slices.Concat([]string{
		drainDelay, "RPC_ADDR=" + addr, "ADVERTISE_ADDR=" + addr, "DEBUG_ADDR=" + debug,
		"ETCD_ENDPOINTS=" + etcd, "MYSQL_DSN=" + dsn,
	}, settings)
	return &RPCServer{Process: Start(t, "rpc-server "+addr, []string{program}, env), Addr: addr, debug: "http://" + debug}
}

// DebugAddr returns the address of its debug listener, host:port.
func (r *RPCServer) DebugAddr() string { return strings.TrimPrefix(r.debug, "http://") }

// AwaitReady waits until the server can serve.
func (r *RPCServer) AwaitReady(t testing.TB) {
	t.Helper()
	awaitReady(t, r.Process, r.debug)
}

// Gateway is an http-server.
type Gateway struct {
	*Process
	URL   string
	debug string
}

// StartGateway starts an http-server with further settings and does not wait
// until it serves.
func StartGateway(t testing.TB, etcd string, settings ...string) *Gateway {
	t.Helper()
	return StartGatewayAs(t, Binary(t, "http-server"), etcd, settings...)
}

// StartGatewayAs starts another program as an http-server.
func StartGatewayAs(t testing.TB, program, etcd string, settings ...string) *Gateway {
	t.Helper()
	addr, debug := storetest.Reserve(t), storetest.Reserve(t)
	env := slices.Concat([]string{
		drainDelay, "HTTP_ADDR=" + addr, "DEBUG_ADDR=" + debug, "ETCD_ENDPOINTS=" + etcd,
	}, settings)
	return &Gateway{
		Process: Start(t, "http-server "+addr, []string{program}, env), URL: "http://" + addr, debug: "http://" + debug,
	}
}

// DebugAddr returns the address of its debug listener, host:port.
func (g *Gateway) DebugAddr() string { return strings.TrimPrefix(g.debug, "http://") }

// AwaitReady waits until the gateway can serve.
func (g *Gateway) AwaitReady(t testing.TB) {
	t.Helper()
	awaitReady(t, g.Process, g.URL)
}

// AwaitWaiting waits until at least so many readers wait at the gateway for a message.
func (g *Gateway) AwaitWaiting(t testing.TB, readers int) {
	t.Helper()
	Await(t, startTimeout, fmt.Sprintf("%d readers wait at %s", readers, g.name), func() bool {
		waiting, err := g.Waiting()
		return err == nil && waiting >= readers
	})
}

// Waiting returns how many readers wait at the gateway.
func (g *Gateway) Waiting() (readers int, err error) {
	metrics, err := get(g.debug + "/metrics")
	if err != nil {
		return 0, err
	}
	_, value, _ := strings.Cut(metrics, "\nim_http_waiting_readers ")
	_, err = fmt.Sscan(value, &readers)
	return readers, err
}

// get returns the body of a GET of url.
func get(url string) (string, error) {
	client := http.Client{Timeout: 5 * time.Second}
	defer client.CloseIdleConnections()
	resp, err := client.Get(url)
	if err != nil {
		return "", err
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(resp.Body)
	return string(body), err
}

// awaitReady polls /readyz under base.
func awaitReady(t testing.TB, p *Process, base string) {
	t.Helper()
	Await(t, startTimeout, p.name+" is ready", func() bool {
		if p.ended() {
			t.Fatalf("%s has ended", p.name)
		}
		return Status(base+"/readyz") == http.StatusOK
	})
}

// Status returns the status of a GET of url, or 0 if there is no answer.
func Status(url string) int {
	client := http.Client{Timeout: 5 * time.Second}
	defer client.CloseIdleConnections()
	resp, err := client.Get(url)
	if err != nil {
		return 0
	}
	_ = resp.Body.Close()
	return resp.StatusCode
}
