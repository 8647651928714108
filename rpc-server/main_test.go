package main

import (
	"strings"
	"testing"
	"time"

	"github.com/alecthomas/kong"
	"github.com/google/go-cmp/cmp"

	"example.com/im/idl/daemon"
	"example.com/im/rpc-server/im"
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
		"RPC_ADDR": "127.0.0.1:1", "ETCD_ENDPOINTS": "a:1,b:2", "MYSQL_DSN": "im@tcp(c:3)/im", "DB_CONNS": "5",
		"QUEUE_SIZE": "6", "TAIL_BYTES": "0", "EXIT_WAIT": "7s",
	} {
		t.Setenv(name, value)
	}
	c, err := parse(t)
	if err != nil {
		t.Fatal(err)
	}
	want := daemon.Default[im.Settings]()
	want.Addr, want.Etcd.Endpoints, want.ExitWait = "127.0.0.1:1", []string{"a:1", "b:2"}, 7*time.Second
	want.Sequencer.Queue, want.Tail.Bytes = 6, 0
	if diff := cmp.Diff(want, c.IM); diff != "" {
		t.Error(diff)
	}
	if c.MySQL.DSN != "im@tcp(c:3)/im" || c.Store.Conns != 5 {
		t.Errorf("the database is %q with %d connections", c.MySQL.DSN, c.Store.Conns)
	}
}

func TestSettingsAreRefused(t *testing.T) {
	t.Parallel()
	for arg, want := range map[string]string{
		"--rpc-addr=8888":        "RPC_ADDR must be host:port",
		"--rpc-addr=":            "RPC_ADDR must be host:port",
		"--advertise-addr=8888":  "ADVERTISE_ADDR must be host:port",
		"--advertise-addr=:8888": "ADVERTISE_ADDR must name a host",
		"--debug-addr=8888":      "DEBUG_ADDR must be host:port",
		"--etcd-endpoints=":      "ETCD_ENDPOINTS must be addresses",
		"--db-conns=4":           "DB_CONNS must be at least 5",
		"--db-conns=few":         "--db-conns",
		"--tail-bytes=-1":        "TAIL_BYTES must not be negative",
		"--queue-size=0":         "QUEUE_SIZE must be at least 1",
		"--max-connections=0":    "MAX_CONNECTIONS must be at least 1",
		"--request-timeout=0":    "REQUEST_TIMEOUT and EXIT_WAIT must be longer than 0",
		"--exit-wait=0":          "REQUEST_TIMEOUT and EXIT_WAIT must be longer than 0",
		"--drain-delay=-1s":      "DRAIN_DELAY must not be negative",
		"--drain-delay=3":        "--drain-delay",
		"--log-level=loud":       "--log-level",
		"--nonsense":             "--nonsense",
		"--otel-exporter-otlp-endpoint=localhost:4317": "OTEL_EXPORTER_OTLP_ENDPOINT must be http://",
	} {
		_, err := parse(t, arg)
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %v; want one line with %q", arg, err, want)
		}
	}
}
