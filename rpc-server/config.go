package main

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"strings"
	"time"

	"github.com/alecthomas/kong"

	"example.com/im/idl/etcd"
	"example.com/im/idl/telemetry"
	"example.com/im/rpc-server/store"
)

// config are the settings of rpc-server: each is a flag and an environment
// variable.
type config struct {
	RPCAddr        string              `name:"rpc-addr" env:"RPC_ADDR" default:":8888" help:"Address to listen on, host:port."`
	AdvertiseAddr  string              `env:"ADVERTISE_ADDR" help:"Address to register in etcd, host:port. By default RPC_ADDR, with this host's first IPv4 address where RPC_ADDR names no host."`
	Etcd           etcd.Settings       `embed:""`
	MySQL          store.MySQLSettings `embed:""`
	DBConns        int                 `name:"db-conns" env:"DB_CONNS" default:"16" help:"Largest number of database connections, at least 4."`
	TailBytes      int64               `env:"TAIL_BYTES" default:"67108864" help:"Memory for the newest messages of the chats that are pulled, in bytes. 0: none, every pull reads the database's index."`
	QueueSize      int                 `env:"QUEUE_SIZE" default:"8192" help:"Largest number of sends that wait for a commit; more are refused."`
	MaxConnections int                 `env:"MAX_CONNECTIONS" default:"50000" help:"Largest number of connections of gateways and other clients."`
	RequestTimeout time.Duration       `env:"REQUEST_TIMEOUT" default:"5s" help:"Time for a call whose client names no deadline."`
	DrainDelay     time.Duration       `env:"DRAIN_DELAY" default:"3s" help:"Time to serve on after leaving etcd, until every gateway has noticed."`
	ExitWait       time.Duration       `env:"EXIT_WAIT" default:"10s" help:"Longest time for calls in flight when stopping."`
	DebugAddr      string              `env:"DEBUG_ADDR" help:"Address for /metrics, /healthz, /readyz and /debug/pprof. Empty: none."`
	TracesEndpoint string              `name:"otel-exporter-otlp-endpoint" env:"OTEL_EXPORTER_OTLP_ENDPOINT" help:"URL of an OpenTelemetry collector that takes traces by gRPC, such as http://localhost:4317. Empty: no traces."`
	LogLevel       slog.Level          `env:"LOG_LEVEL" default:"info" help:"Least level to log: debug, info, warn or error."`

	Serve  struct{} `cmd:"" default:"1" help:"Serve (the default)."`
	Health struct{} `cmd:"" help:"Ask the server at RPC_ADDR whether it can serve; exit with 1 if not."`
}

// parseConfig reads the command line and the environment, and returns the
// settings and the command. --help ends the process.
func parseConfig(args []string) (*config, string, error) {
	c := &config{}
	parser, err := kong.New(c, kong.Name("rpc-server"),
		kong.Description("Keeps the messages of the IM service in a MySQL-compatible database."))
	if err != nil {
		return nil, "", err
	}
	parsed, err := parser.Parse(args)
	if err != nil {
		return nil, "", err
	}
	command := parsed.Command()
	if command == "serve" {
		err = c.mayServe()
	}
	return c, command, err
}

// mayServe checks what is needed to serve alone, before the database is waited for.
func (c *config) mayServe() error {
	if c.MySQL.DSN == "" {
		return errors.New("MYSQL_DSN is missing: name the database as user:password@tcp(host:port)/name")
	}
	_, err := c.Etcd.Client() // reads the files
	return err
}

// Validate checks what kong cannot; kong calls it.
func (c *config) Validate() error {
	for name, addr := range map[string]string{
		"RPC_ADDR": c.RPCAddr, "ADVERTISE_ADDR": c.AdvertiseAddr, "DEBUG_ADDR": c.DebugAddr,
	} {
		if _, _, err := net.SplitHostPort(addr); addr != "" && err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	if err := c.Etcd.Check(); err != nil {
		return err
	}
	if err := telemetry.Check(c.TracesEndpoint); err != nil {
		return fmt.Errorf("OTEL_EXPORTER_OTLP_ENDPOINT %w", err)
	}
	if c.DBConns < 4 {
		return errors.New("DB_CONNS must be at least 4: one for commits, one for reads of the lanes, one for health checks, one for pulls")
	}
	if c.TailBytes < 0 {
		return errors.New("TAIL_BYTES must not be negative")
	}
	if c.QueueSize < 1 || c.MaxConnections < 1 {
		return errors.New("QUEUE_SIZE and MAX_CONNECTIONS must be at least 1")
	}
	if c.RequestTimeout <= 0 || c.DrainDelay < 0 || c.ExitWait <= 0 {
		return errors.New("REQUEST_TIMEOUT and EXIT_WAIT must be longer than 0, DRAIN_DELAY must not be negative")
	}
	if host, _, _ := net.SplitHostPort(c.AdvertiseAddr); c.AdvertiseAddr != "" && strings.TrimSpace(host) == "" {
		return errors.New("ADVERTISE_ADDR must name a host that gateways can reach")
	}
	return nil
}
