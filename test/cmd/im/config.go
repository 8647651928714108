package main

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"slices"
)

// config is every setting: a flag, an environment variable, its default and its
// meaning.
type config struct {
	HTTPAddr      string     `name:"http-addr" env:"HTTP_ADDR" default:":8080" help:"Address to serve the API on, host:port."`
	DataDir       string     `env:"DATA_DIR" default:"./data" help:"Directory of the embedded database and etcd."`
	MySQLDSN      string     `name:"mysql-dsn" env:"MYSQL_DSN" help:"Database to use instead of the embedded one, as user:password@tcp(host:port)/name."`
	EtcdEndpoints []string   `env:"ETCD_ENDPOINTS" help:"Addresses of an etcd to use instead of the embedded one, separated by commas."`
	LogLevel      slog.Level `env:"LOG_LEVEL" default:"warn" help:"Least level to log: debug, info, warn or error."`
}

// Validate checks what kong cannot; kong calls it.
func (c *config) Validate() error {
	if _, _, err := net.SplitHostPort(c.HTTPAddr); err != nil {
		return fmt.Errorf("HTTP_ADDR: %w", err)
	}
	if c.DataDir == "" {
		return errors.New("DATA_DIR must name a directory")
	}
	if slices.Contains(c.EtcdEndpoints, "") {
		return errors.New("ETCD_ENDPOINTS must be addresses, separated by commas")
	}
	return nil
}

// url returns how a browser on this machine reaches addr.
func url(addr net.Addr) string {
	host, port, err := net.SplitHostPort(addr.String())
	if err != nil {
		return "http://" + addr.String()
	}
	if ip := net.ParseIP(host); ip == nil || ip.IsUnspecified() || ip.IsLoopback() {
		host = "localhost"
	}
	return "http://" + net.JoinHostPort(host, port)
}
