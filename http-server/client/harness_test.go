package client_test

import (
	"bufio"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"sync/atomic"
	"syscall"
	"testing"
)

// serviceURL is that of a whole service, in a process of its own.
var serviceURL string

func TestMain(m *testing.M) {
	code, err := withService(m.Run)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

// withService runs run while the service serves.
func withService(run func() int) (code int, err error) {
	dir, err := os.MkdirTemp("", "im-client-test-")
	if err != nil {
		return 0, err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	program := filepath.Join(dir, "im")
	if out, err := exec.Command("go", "build", "-o", program, "example.com/im/test/cmd/im").CombinedOutput(); err != nil {
		return 0, fmt.Errorf("build: %w\n%s", err, out)
	}
	service := exec.Command(program)
	service.Env = append(os.Environ(), "HTTP_ADDR=127.0.0.1:0", "DATA_DIR="+dir, "MYSQL_DSN=", "ETCD_ENDPOINTS=")
	service.Stderr = os.Stderr
	service.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	out, err := service.StdoutPipe()
	if err != nil {
		return 0, err
	}
	if err := service.Start(); err != nil {
		return 0, err
	}
	defer func() { _ = service.Wait() }()
	defer func() { _ = service.Process.Signal(os.Interrupt) }()
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		return 0, fmt.Errorf("the service does not start: %w", err)
	}
	if _, err := fmt.Sscanf(line, "serving on %s", &serviceURL); err != nil {
		return 0, fmt.Errorf("%q: %w", line, err)
	}
	return run(), nil
}

// A network is between a client and the service, and does what it likes with an
// answer.
type network struct {
	url      string
	requests atomic.Int32
}

// startNetwork passes the nth request on, from 1, if before returns true, and its
// answer back if after returns true; instead they may have answered, or hung up.
func startNetwork(t *testing.T, before, after func(n int32, w http.ResponseWriter) bool) *network {
	t.Helper()
	target, err := url.Parse(serviceURL)
	if err != nil {
		t.Fatal(err)
	}
	service, n := httputil.NewSingleHostReverseProxy(target), new(network)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		i := n.requests.Add(1)
		if !before(i, w) {
			return
		}
		answer := httptest.NewRecorder()
		service.ServeHTTP(answer, r)
		if !after(i, w) {
			return
		}
		w.WriteHeader(answer.Code)
		_, _ = io.Copy(w, answer.Body)
	}))
	t.Cleanup(server.Close)
	n.url = server.URL
	return n
}

// pass lets everything through.
func pass(int32, http.ResponseWriter) bool { return true }
