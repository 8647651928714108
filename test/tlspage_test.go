package test

import (
	"crypto/tls"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"example.com/im/http-server/openapi/openapitest"
	"example.com/im/idl/credential"
	"example.com/im/idl/credential/credentialtest"
	"example.com/im/rpc-server/store/storetest"
	"example.com/im/test/process"
)

// pageCertificates runs the commands of docs/tls.md, and returns the directory with the
// files that they make.
func pageCertificates(t *testing.T) string {
	t.Helper()
	page, err := os.ReadFile("../docs/tls.md")
	if err != nil {
		t.Fatal(err)
	}
	commands := regexp.MustCompile("(?s)```sh\n(.*?)```").FindSubmatch(page)
	if commands == nil {
		t.Fatal("the page has no commands")
	}
	shell := exec.CommandContext(t.Context(), "sh", "-euc", string(commands[1]))
	shell.Dir = t.TempDir()
	if output, err := shell.CombinedOutput(); err != nil {
		t.Fatalf("the commands fail: %v\n%s", err, output)
	}
	return shell.Dir
}

// rpcTLS are the settings of a service whose certificate is in a directory.
func rpcTLS(dir, name string) []string {
	file := func(name string) string { return filepath.Join(dir, name) }
	return []string{"RPC_TLS_CA=" + file("ca.pem"), "RPC_TLS_CERT=" + file(name+".pem"), "RPC_TLS_KEY=" + file(name+".key")}
}

// What docs/tls.md says makes a system all of whose ports are by TLS. The health commands
// know it. A gateway without a certificate of the authority gets nowhere, and says why.
func TestTLSPage(t *testing.T) {
	t.Parallel()
	ownSystem(t)
	dir := pageCertificates(t)
	e := process.StartEtcd(t, storetest.Reserve(t))
	e.AwaitReady(t)
	rpc := process.StartRPCServer(t, e.Addr, storetest.MySQL(t), rpcTLS(dir, "rpc-server")...)
	api := append(rpcTLS(dir, "gateway"), "TLS_CERT="+filepath.Join(dir, "api.pem"), "TLS_KEY="+filepath.Join(dir, "api.key"))
	g := process.StartGateway(t, e.Addr, api...)
	process.Await(t, time.Minute, "the gateway is ready", func() bool {
		return process.Status("http://"+g.DebugAddr()+"/readyz") == http.StatusOK
	})
	c := newClient(t, strings.Replace(g.URL, "http://", "https://", 1))
	roots, err := credential.Authorities(filepath.Join(dir, "ca.pem"))
	if err != nil {
		t.Fatal(err)
	}
	c.http.Transport = openapitest.Transport(t, &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots}})
	c.send(t, "john:doe", "john", "x")
	if got := c.pull(t, "chat", "john:doe"); len(got.Messages) != 1 {
		t.Errorf("pull = %v; want the message", got)
	}
	if status := process.Status(g.URL + "/readyz"); status != http.StatusBadRequest {
		t.Errorf("plain HTTP is answered %d", status)
	}
	for name, env := range map[string][]string{
		"http-server": append(api, "HTTP_ADDR="+strings.TrimPrefix(g.URL, "http://")),
		"rpc-server":  append(rpcTLS(dir, "rpc-server"), "RPC_ADDR="+rpc.Addr, someDSN),
	} {
		command := exec.CommandContext(t.Context(), process.Binary(t, name), "health")
		command.Env = env
		if output, err := command.CombinedOutput(); err != nil {
			t.Errorf("%s health: %v: %s", name, err, output)
		}
	}

	other := credentialtest.NewAuthority(t)
	cert, key := other.Issue(t, "gateway")
	for name, settings := range map[string][]string{
		"no certificate":      nil,
		"a foreign one":       {"RPC_TLS_CA=" + filepath.Join(dir, "ca.pem"), "RPC_TLS_CERT=" + cert, "RPC_TLS_KEY=" + key},
		"a foreign authority": {"RPC_TLS_CA=" + other.File, "RPC_TLS_CERT=" + cert, "RPC_TLS_KEY=" + key},
	} {
		stranger := process.StartGateway(t, e.Addr, settings...)
		process.Await(t, time.Minute, name+": the gateway serves", func() bool { return process.Status(stranger.URL+"/healthz") == http.StatusOK })
		process.Await(t, time.Minute, name+": the gateway says that it passes the rpc-server over", func() bool {
			_, _ = newClient(t, stranger.URL).post(t.Context(), "john:doe", "john", "y")
			return stranger.Log().Contains("rpc-server passed over")
		})
		if name != "no certificate" && !stranger.Log().Contains("TLS with rpc-server") {
			t.Errorf("%s: the log does not say why: %s", name, stranger.Log().String())
		}
		stranger.Stop(t)
	}
	if got := c.pull(t, "chat", "john:doe"); len(got.Messages) != 1 {
		t.Errorf("pull = %v; want no message of a stranger", got)
	}
	if !rpc.Log().Contains("a client was refused") {
		t.Error("the log of rpc-server does not say that strangers were refused")
	}
}
