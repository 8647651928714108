package test

import (
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"example.com/im/test/process"
)

// services are the programs that run in production, each a module.
var services = []string{"rpc-server", "http-server"}

// someDSN is a database that no server has, for tests of what is checked before.
const someDSN = "MYSQL_DSN=im:im@tcp(127.0.0.1:1)/im"

// wrongSettings are environments with what the error names. TAKEN stands for an
// address that is in use.
var wrongSettings = map[string]struct {
	service string
	env     []string
	want    string
}{
	"no database":              {"rpc-server", nil, "MYSQL_DSN"},
	"a DSN that is none":       {"rpc-server", []string{"MYSQL_DSN=nonsense"}, "MYSQL_DSN"},
	"a DSN without a database": {"rpc-server", []string{"MYSQL_DSN=im:im@tcp(127.0.0.1:1)/"}, "MYSQL_DSN"},
	"RPC_ADDR without colon":   {"rpc-server", []string{someDSN, "RPC_ADDR=8888"}, "RPC_ADDR"},
	"ADVERTISE_ADDR":           {"rpc-server", []string{someDSN, "ADVERTISE_ADDR=:8888"}, "ADVERTISE_ADDR"},
	"too few connections":      {"rpc-server", []string{someDSN, "DB_CONNS=4"}, "DB_CONNS"},
	"negative memory":          {"rpc-server", []string{someDSN, "TAIL_BYTES=-1"}, "TAIL_BYTES"},
	"connections a word":       {"rpc-server", []string{someDSN, "DB_CONNS=few"}, "db-conns"},
	"a delay without a unit":   {"rpc-server", []string{someDSN, "DRAIN_DELAY=3"}, "drain-delay"},
	"a negative delay":         {"rpc-server", []string{someDSN, "DRAIN_DELAY=-1s"}, "DRAIN_DELAY"},
	"rpc-server's level":       {"rpc-server", []string{someDSN, "LOG_LEVEL=loud"}, "log-level"},
	"a debug port in use":      {"rpc-server", []string{someDSN, "DEBUG_ADDR=TAKEN"}, "DEBUG_ADDR"},
	"a collector's address":    {"rpc-server", []string{someDSN, "OTEL_EXPORTER_OTLP_ENDPOINT=localhost:4317"}, "OTEL_EXPORTER_OTLP_ENDPOINT"},
	"a collector of ours":      {"http-server", []string{"OTEL_EXPORTER_OTLP_ENDPOINT=:4317"}, "OTEL_EXPORTER_OTLP_ENDPOINT"},
	"HTTP_ADDR without colon":  {"http-server", []string{"HTTP_ADDR=8080"}, "HTTP_ADDR"},
	"a port in use":            {"http-server", []string{"HTTP_ADDR=TAKEN"}, "in use"},
	"an empty endpoint":        {"http-server", []string{"ETCD_ENDPOINTS=,"}, "ETCD_ENDPOINTS"},
	"no file of that name":     {"http-server", []string{"ETCD_CA=/none.pem"}, "ETCD_CA"},
	"rpc-server's etcd":        {"rpc-server", []string{someDSN, "ETCD_ENDPOINTS=etcd"}, "ETCD_ENDPOINTS"},
	"no file of a password":    {"rpc-server", []string{someDSN, "ETCD_USERNAME=im", "ETCD_PASSWORD_FILE=/none"}, "ETCD_PASSWORD_FILE"},
	"a certificate alone":      {"rpc-server", []string{someDSN, "ETCD_CERT=/none.pem"}, "ETCD_KEY"},
	"a user without password":  {"http-server", []string{"ETCD_USERNAME=im"}, "ETCD_PASSWORD"},
	"an empty password":        {"http-server", []string{"ETCD_USERNAME=im", "ETCD_PASSWORD_FILE=/dev/null"}, "ETCD_PASSWORD_FILE"},
	"no CA of the database's":  {"rpc-server", []string{someDSN, "MYSQL_CA=/none.pem"}, "MYSQL_CA"},
	"a CA that is not PEM":     {"rpc-server", []string{someDSN, "MYSQL_CA=/dev/null"}, "MYSQL_CA"},
	"TLS in two ways":          {"rpc-server", []string{someDSN + "?tls=true", "MYSQL_CA=/dev/null"}, "MYSQL_CA"},
	"two passwords":            {"rpc-server", []string{someDSN, "MYSQL_PASSWORD_FILE=/dev/null"}, "MYSQL_PASSWORD_FILE"},
	"no time for calls":        {"http-server", []string{"RPC_TIMEOUT=0s"}, "RPC_TIMEOUT"},
	"an exit that cuts off":    {"http-server", []string{"EXIT_WAIT=1s"}, "EXIT_WAIT"},
	"nobody may wait":          {"http-server", []string{"MAX_WAITING=0"}, "MAX_WAITING"},
	"an origin without scheme": {"http-server", []string{"CORS_ORIGINS=example.com"}, "CORS_ORIGINS"},
	"a key of the API alone":   {"http-server", []string{"TLS_KEY=/none.pem"}, "TLS_CERT"},
	"no such certificate":      {"http-server", []string{"TLS_CERT=/none.pem", "TLS_KEY=/none.pem"}, "TLS_CERT"},
	"a part of RPC's TLS":      {"http-server", []string{"RPC_TLS_CA=/none.pem"}, "RPC_TLS_CERT"},
	"another part of it":       {"rpc-server", []string{someDSN, "RPC_TLS_KEY=/none.pem"}, "RPC_TLS_CERT"},
	"no file of RPC's TLS":     {"http-server", []string{"RPC_TLS_CA=/none.pem", "RPC_TLS_CERT=/none.pem", "RPC_TLS_KEY=/none.pem"}, "RPC_TLS_CA"},
	"a host with a port":       {"http-server", []string{"ALLOWED_HOSTS=im.example:8080"}, "ALLOWED_HOSTS"},
	"http-server's level":      {"http-server", []string{"LOG_LEVEL=loud"}, "log-level"},
}

// Settings that cannot work end a program at once, with one line that names the
// setting, and exit status 1.
func TestWrongSettings(t *testing.T) {
	t.Parallel()
	ownSystem(t)
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = taken.Close() })
	for name, tc := range wrongSettings {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			env := slices.Clone(tc.env)
			for i := range env {
				env[i] = strings.ReplaceAll(env[i], "TAKEN", taken.Addr().String())
			}
			p := process.Start(t, tc.service, []string{process.Binary(t, tc.service)}, env)
			if status := p.Wait(t); status != 1 {
				t.Errorf("exit status %d; want 1", status)
			}
			if lines := p.Log().Lines(); len(lines) != 1 || !strings.Contains(lines[0], tc.want) {
				t.Errorf("output = %q; want one line that names %s", lines, tc.want)
			}
		})
	}
}

// Every environment variable of the services is in docs/settings.md.
func TestSettingsAreDocumented(t *testing.T) {
	t.Parallel()
	ownSystem(t)
	page, err := os.ReadFile(filepath.Join(process.Root(t), "docs", "settings.md"))
	if err != nil {
		t.Fatal(err)
	}
	documented := regexp.MustCompile(`\b[A-Z][A-Z_]+\b`).FindAllString(string(page), -1)
	for _, service := range services {
		variables := process.Variables(t, service)
		if len(variables) < 10 {
			t.Errorf("%s --help shows only %q", service, variables)
		}
		for _, name := range variables {
			if !slices.Contains(documented, name) {
				t.Errorf("%s: %s is not in docs/settings.md", service, name)
			}
		}
	}
}

// The programs for production contain nothing that is for tests and trials.
func TestDeps(t *testing.T) {
	t.Parallel()
	ownSystem(t)
	unwanted := regexp.MustCompile(`(?i)sqlite|^go\.etcd\.io/(etcd/server|bbolt|raft)|^` +
		regexp.QuoteMeta("example.com/im/") + `(test|.*/(store|openapi|credential)test)`) // make rename finds the path
	for _, service := range services {
		dir, err := process.ModuleDir(service)
		if err != nil {
			t.Fatal(err)
		}
		cmd := exec.Command("go", "list", "-deps", "-f", `{{.ImportPath}} {{join .Imports " "}}`, ".")
		cmd.Dir = dir
		cmd.Env = append(os.Environ(), "GOWORK=off") // as the images are built
		out, err := cmd.Output()
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(string(out)) {
			pkg, imports, _ := strings.Cut(line, " ")
			if unwanted.MatchString(pkg) {
				t.Errorf("%s contains %s", service, pkg)
			}
			// Kitex itself imports testing.
			if strings.HasPrefix(pkg, "example.com/im/") && slices.Contains(strings.Fields(imports), "testing") {
				t.Errorf("%s imports testing", pkg)
			}
		}
	}
}
