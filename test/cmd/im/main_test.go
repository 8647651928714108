package main

import (
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"example.com/im/idl/daemon"
	"example.com/im/rpc-server/store/storetest"
	"example.com/im/test/process"
)

// asMain makes the test binary the program itself.
const asMain = "IM_TEST_AS_MAIN=1"

func TestMain(m *testing.M) {
	if name, _, _ := strings.Cut(asMain, "="); os.Getenv(name) != "" {
		main()
		os.Exit(0)
	}
	os.Exit(storetest.Main(m))
}

// start starts the program.
func start(t *testing.T, settings ...string) *process.Process {
	t.Helper()
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return process.Start(t, "im", []string{program}, append(settings, asMain))
}

// awaitServing waits until the program has said so for the nth time.
func awaitServing(t *testing.T, p *process.Process, addr string, n int) {
	t.Helper()
	_, port, err := net.SplitHostPort(addr)
	if err != nil {
		t.Fatal(err)
	}
	process.Await(t, time.Minute, "the program says where it serves", func() bool {
		return strings.Count(p.Log().String(), "serving on http://localhost:"+port+" ") == n
	})
}

// What was sent is there after a stop, and after a crash, in the directory that is named.
func TestMessagesStay(t *testing.T) {
	t.Parallel()
	addr, dir := storetest.Reserve(t), filepath.Join(t.TempDir(), "data #1?x=%41&y")
	p := start(t, "HTTP_ADDR="+addr, "DATA_DIR="+dir)
	awaitServing(t, p, addr, 1)
	if got := files(t, dir); !slices.Equal(got, []string{"im.db", "im.db-shm", "im.db-wal", "lock"}) {
		t.Errorf("DATA_DIR has %v; want the database and the lock", got)
	}
	if lines := p.Log().Lines(); len(lines) != 1 {
		t.Errorf("output = %q; want nothing but where it serves", lines)
	}
	send(t, addr, "one")
	p.Interrupt()
	if status := p.Wait(t); status != 0 {
		t.Errorf("exit status %d after Ctrl-C; want 0", status)
	}

	p.Restart(t)
	awaitServing(t, p, addr, 2)
	send(t, addr, "two")
	p.Kill()

	p.Restart(t)
	awaitServing(t, p, addr, 3)
	got := answer(t, http.MethodGet, "http://"+addr+"/api/pull?chat=john:doe", "")
	if !strings.Contains(got, `"text":"one"`) || !strings.Contains(got, `"text":"two"`) {
		t.Errorf("messages = %s; want one and two", got)
	}
}

// A database and an etcd that are set are used.
func TestGivenDatabaseAndEtcd(t *testing.T) {
	t.Parallel()
	etcd := process.StartEtcd(t, storetest.Reserve(t))
	etcd.AwaitReady(t)
	addr, dir := storetest.Reserve(t), t.TempDir()
	p := start(t, "HTTP_ADDR="+addr, "DATA_DIR="+dir, "MYSQL_DSN="+storetest.MySQL(t), "ETCD_ENDPOINTS="+etcd.Addr)
	awaitServing(t, p, addr, 1)
	send(t, addr, "x")
	if found, err := etcd.Registered(t.Context()); err != nil || len(found) != 1 {
		t.Errorf("in etcd are %v, %v; want one address", found, err)
	}
	if got := files(t, dir); !slices.Equal(got, []string{"lock"}) {
		t.Errorf("DATA_DIR has %v; want the lock alone", got)
	}
}

// files returns the names of what is in dir, in order.
func files(t *testing.T, dir string) (names []string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		names = append(names, entry.Name())
	}
	return names
}

// What cannot work ends the program with one line that says why.
func TestRefusals(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	addr := storetest.Reserve(t)
	awaitServing(t, start(t, "HTTP_ADDR="+addr, "DATA_DIR="+dir), addr, 1)
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for name, tc := range map[string]struct {
		setting string
		want    string
	}{
		"a port in use":             {"HTTP_ADDR=" + addr, "address already in use"},
		"an address without colon":  {"HTTP_ADDR=8080", "HTTP_ADDR"},
		"a directory in use":        {"DATA_DIR=" + dir, "another process uses"},
		"a directory that is none":  {"DATA_DIR=" + file, "DATA_DIR"},
		"a level that is none":      {"LOG_LEVEL=loud", "log-level"},
		"a DSN that is none":        {"MYSQL_DSN=nonsense", "MYSQL_DSN"},
		"a database out of reach":   {"MYSQL_DSN=root@tcp(" + storetest.Reserve(t) + ")/im", "database"},
		"an endpoint that is empty": {"ETCD_ENDPOINTS=,", "ETCD_ENDPOINTS"},
		"a CA of no etcd":           {"ETCD_CA=/dev/null", "ETCD_ENDPOINTS"},
		"a CA of no database":       {"MYSQL_CA=/dev/null", "MYSQL_DSN"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := start(t, "HTTP_ADDR="+storetest.Reserve(t), "DATA_DIR="+t.TempDir(), tc.setting)
			if status := p.Wait(t); status != 1 {
				t.Errorf("exit status %d; want 1", status)
			}
			if lines := p.Log().Lines(); len(lines) != 1 || !strings.Contains(lines[0], tc.want) {
				t.Errorf("output = %q; want one line with %q", lines, tc.want)
			}
		})
	}
}

// Nobody else reaches a trial, unless its user says so.
func TestTrialIsForThisMachine(t *testing.T) {
	t.Parallel()
	host, _, err := net.SplitHostPort(daemon.Default[config]().HTTPAddr)
	if ip := net.ParseIP(host); err != nil || !ip.IsLoopback() {
		t.Errorf("the trial listens on %q, %v; want a loopback address", host, err)
	}
}

func TestURL(t *testing.T) {
	t.Parallel()
	for want, addr := range map[string]net.TCPAddr{
		"http://localhost:8080":     {IP: net.IPv6unspecified, Port: 8080},
		"http://localhost:81":       {IP: net.IPv4(127, 0, 0, 1), Port: 81},
		"http://192.0.2.1:8080":     {IP: net.IPv4(192, 0, 2, 1), Port: 8080},
		"http://[2001:db8::1]:8080": {IP: net.ParseIP("2001:db8::1"), Port: 8080},
	} {
		if got := url(&addr); got != want {
			t.Errorf("url(%v) = %s; want %s", &addr, got, want)
		}
	}
}

func send(t *testing.T, addr, text string) {
	t.Helper()
	answer(t, http.MethodPost, "http://"+addr+"/api/send", `{"chat":"john:doe","sender":"john","text":"`+text+`"}`)
}

// answer makes a request that must succeed and returns the answer's body.
func answer(t *testing.T, method, url, body string) string {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	content, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK {
		t.Fatalf("%s %s = %d %s, %v", method, url, resp.StatusCode, content, err)
	}
	return string(content)
}
