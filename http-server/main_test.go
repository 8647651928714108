package main

import (
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/alecthomas/kong"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"example.com/im/http-server/gateway"
	"example.com/im/idl/daemon"
)

// parse returns the settings that a command line gives.
func parse(t *testing.T, args ...string) (*config, error) {
	t.Helper()
	c := &config{}
	parser, err := kong.New(c)
	if err != nil {
		t.Fatal(err)
	}
	_, err = parser.Parse(args)
	return c, err
}

func TestEnvironment(t *testing.T) {
	for name, value := range map[string]string{
		"HTTP_ADDR": "127.0.0.1:1", "ETCD_ENDPOINTS": "a:1,b:2", "RPC_TIMEOUT": "2s", "CORS_ORIGINS": "https://a.example,http://b:3000",
		"MAX_ANSWER_BYTES": "0", "MAX_ANSWER_BYTES_PER_CLIENT": "16777216", "MAX_CONNECTIONS_PER_CLIENT": "0",
		"RATE_LIMIT": "100", "TRUSTED_PROXIES": "10.0.0.0/8,2001:db8::/32",
	} {
		t.Setenv(name, value)
	}
	c, err := parse(t)
	if err != nil {
		t.Fatal(err)
	}
	want := daemon.Default[gateway.Settings]()
	want.Addr, want.RPC.Etcd.Endpoints, want.RPC.Timeout = "127.0.0.1:1", []string{"a:1", "b:2"}, 2*time.Second
	want.Guard.CORSOrigins = []string{"https://a.example", "http://b:3000"}
	want.Guard.Shares.AllOfAnswers, want.Guard.Shares.AnswerBytes, want.Guard.Shares.Connections = 0, 16<<20, 0
	want.Guard.RateLimit.PerSecond = 100
	want.Guard.Peers.Proxies = []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("2001:db8::/32")}
	if diff := cmp.Diff(want, c.Gateway, cmpopts.EquateComparable(netip.Prefix{})); diff != "" {
		t.Error(diff)
	}
}

func TestSettingsAreRefused(t *testing.T) {
	t.Parallel()
	for arg, want := range map[string]string{
		"--http-addr=8080":                      "HTTP_ADDR must be host:port",
		"--debug-addr=:8080":                    "DEBUG_ADDR must differ",
		"--etcd-endpoints=":                     "ETCD_ENDPOINTS must be addresses",
		"--etcd-endpoints=a:1,,b:2":             "ETCD_ENDPOINTS must be addresses",
		"--rpc-timeout=0":                       "RPC_TIMEOUT and CONNECT_TIMEOUT must be at least",
		"--rpc-timeout=-1s":                     "RPC_TIMEOUT and CONNECT_TIMEOUT must be at least",
		"--rpc-timeout=soon":                    "--rpc-timeout",
		"--rpc-timeout=11s":                     "EXIT_WAIT must not be shorter",
		"--connect-timeout=0":                   "RPC_TIMEOUT and CONNECT_TIMEOUT must be at least",
		"--connect-timeout=6s":                  "CONNECT_TIMEOUT must not be longer",
		"--read-timeout=0":                      "READ_TIMEOUT, IDLE_TIMEOUT and EXIT_WAIT must be at least",
		"--idle-timeout=0":                      "READ_TIMEOUT, IDLE_TIMEOUT and EXIT_WAIT must be at least",
		"--exit-wait=0":                         "READ_TIMEOUT, IDLE_TIMEOUT and EXIT_WAIT must be at least",
		"--drain-delay=-1s":                     "DRAIN_DELAY must not be negative",
		"--rpc-conns=0":                         "RPC_CONNS must be at least 1",
		"--max-connections=0":                   "MAX_CONNECTIONS and MAX_REQUESTS must be at least 1",
		"--max-requests=0":                      "MAX_CONNECTIONS and MAX_REQUESTS must be at least 1",
		"--max-waiting=0":                       "MAX_WAITING must be at least 1",
		"--rate-limit=-1":                       "RATE_LIMIT must not be negative",
		"--rate-limit=many":                     "--rate-limit",
		"--trusted-proxies=10.0.0.1":            "--trusted-proxies",
		"--trusted-proxies=0.0.0.0/0":           "TRUSTED_PROXIES must not be everybody",
		"--cors-origins=a.example":              "CORS_ORIGINS",
		"--cors-origins=https://a.com/":         "CORS_ORIGINS",
		"--allowed-hosts=a.example:80":          "ALLOWED_HOSTS",
		"--tls-cert=cert.pem":                   "TLS_CERT and TLS_KEY must be set together",
		"--tls-key=key.pem":                     "TLS_CERT and TLS_KEY must be set together",
		"--log-level=loud":                      "--log-level",
		"--nonsense":                            "--nonsense",
		"--max-connections-per-client=-1":       "MAX_CONNECTIONS_PER_CLIENT must not be negative",
		"--max-answer-bytes=16777215":           "MAX_ANSWER_BYTES and MAX_ANSWER_BYTES_PER_CLIENT must be 0 or at least 16777216",
		"--max-answer-bytes-per-client=1000000": "MAX_ANSWER_BYTES and MAX_ANSWER_BYTES_PER_CLIENT must be 0 or at least 16777216",
		"--max-answer-bytes=-1":                 "MAX_ANSWER_BYTES and MAX_ANSWER_BYTES_PER_CLIENT must be 0 or at least 16777216",
	} {
		_, err := parse(t, arg)
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %v; want one line with %q", arg, err, want)
		}
	}
}

func TestHealthCommand(t *testing.T) {
	t.Parallel()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/healthz" {
			w.WriteHeader(http.StatusServiceUnavailable)
		}
	}))
	t.Cleanup(s.Close)
	wantHealth(t, s.Listener.Addr().String())

	// By TLS it asks by an address, which is not what the certificate names.
	secure := httptest.NewTLSServer(s.Config.Handler)
	t.Cleanup(secure.Close)
	wantHealth(t, secure.Listener.Addr().String(), "--tls-cert=cert.pem", "--tls-key=key.pem")
}

// wantHealth checks that the command asks the gateway at an address.
func wantHealth(t *testing.T, addr string, settings ...string) {
	t.Helper()
	_, port, _ := strings.Cut(addr, ":")
	run := func(args ...string) error {
		return daemon.Run(t.Context(), name, description, &config{}, append(args, settings...))
	}
	for _, host := range []string{"", "0.0.0.0", "[::]", "127.0.0.1"} {
		addr := "--http-addr=" + host + ":" + port
		if err := run(addr, "health"); err != nil {
			t.Errorf("%s: %v", addr, err)
		}
		if err := run(addr, "health", "/readyz"); err == nil || !strings.Contains(err.Error(), "503") {
			t.Errorf("%s, not ready: %v", addr, err)
		}
	}
}
