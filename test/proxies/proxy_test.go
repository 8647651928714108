package proxies

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"example.com/im/rpc-server/store/storetest"
	"example.com/im/test/process"
)

// A proxy gives a client two seconds to go on. Some cases make it wait for a body.

// nginx passes bodies on while they arrive. It is told not to run in the background, and
// needs no rights.
const nginx = `
daemon off;
master_process off;
pid %[1]s/pid;
error_log stderr;
events {}
http {
	access_log off;
	client_body_temp_path %[1]s/body;
	proxy_temp_path %[1]s/proxy;
	fastcgi_temp_path %[1]s/fastcgi;
	uwsgi_temp_path %[1]s/uwsgi;
	scgi_temp_path %[1]s/scgi;
	client_header_timeout 2s;
	client_body_timeout 2s;
	upstream gateway { server %[3]s; keepalive 4; }
	server {
		listen %[2]s;
		location / {
			proxy_pass http://gateway;
			proxy_http_version 1.1;
			proxy_set_header Connection "";
			proxy_request_buffering off;
			proxy_next_upstream off;
		}
	}
}
`

// haproxy shares its connections to the gateway among all clients.
const haproxy = `
global
	maxconn 100
defaults
	mode http
	timeout connect 5s
	timeout client 2s
	timeout server 10s
frontend clients
	bind %[2]s
	default_backend gateway
backend gateway
	http-reuse always
	server gateway %[3]s
`

// startNginx starts an nginx before a gateway, and returns its address.
func startNginx(t *testing.T, gateway string) string {
	t.Helper()
	return start(t, "nginx", nginx, gateway, "-e", "stderr", "-c")
}

// startHAProxy starts an HAProxy before a gateway, and returns its address.
func startHAProxy(t *testing.T, gateway string) string {
	t.Helper()
	return start(t, "haproxy", haproxy, gateway, "-db", "-f")
}

// start starts a proxy with a configuration, whose path is the last argument.
func start(t *testing.T, name, configuration, gateway string, args ...string) string {
	t.Helper()
	storetest.Needs(t, name)
	program, err := exec.LookPath(name)
	if err != nil {
		t.Fatalf("the tests need %s: apt-get install %s: %v", name, name, err)
	}
	addr, dir := storetest.Reserve(t), t.TempDir()
	path := filepath.Join(dir, "conf")
	if err := os.WriteFile(path, fmt.Appendf(nil, configuration, dir, addr, gateway), 0o600); err != nil {
		t.Fatal(err)
	}
	p := process.Start(t, name, append(append([]string{program}, args...), path), nil)
	t.Cleanup(p.Kill) // HAProxy ends by SIGTERM with a status of its own
	process.Await(t, time.Minute, name+" listens", func() bool {
		conn, err := net.Dial("tcp", addr)
		if err == nil {
			_ = conn.Close()
		}
		return err == nil
	})
	return addr
}
