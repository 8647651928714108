package main

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"reflect"

	"example.com/im/http-server/hosts"
	"example.com/im/http-server/identity"
	"example.com/im/idl/etcd"
	"example.com/im/rpc-server/store"
)

// config is every setting: a flag, an environment variable, its default and its
// meaning. Without a MYSQL_DSN there is an embedded database, and without
// ETCD_ENDPOINTS no etcd.
type config struct {
	HTTPAddr string              `name:"http-addr" env:"HTTP_ADDR" default:"127.0.0.1:8080" help:"Address to serve the API on, host:port. By default only this machine reaches it; :8080 is every interface."`
	DataDir  string              `env:"DATA_DIR" default:"./data" help:"Directory of the embedded database."`
	MySQL    store.MySQLSettings `embed:""`
	Etcd     etcd.Settings       `embed:""`
	Hosts    hosts.Settings      `embed:""`
	Identity identity.Settings   `embed:""`
	LogLevel slog.Level          `env:"LOG_LEVEL" default:"warn" help:"Least level to log: debug, info, warn or error."`
}

// Validate checks what kong cannot; kong calls it.
func (c *config) Validate() error {
	if _, _, err := net.SplitHostPort(c.HTTPAddr); err != nil {
		return fmt.Errorf("HTTP_ADDR: %w", err)
	}
	if c.DataDir == "" {
		return errors.New("DATA_DIR must name a directory")
	}
	if c.MySQL.DSN == "" && c.MySQL != (store.MySQLSettings{}) {
		return errors.New("MYSQL_DSN must be set with MYSQL_CA or MYSQL_PASSWORD_FILE: the embedded database has neither")
	}
	if len(c.Etcd.Endpoints) == 0 && !reflect.DeepEqual(c.Etcd, etcd.Settings{Endpoints: c.Etcd.Endpoints}) {
		return errors.New("ETCD_ENDPOINTS must be set with the other settings of etcd: without it there is no etcd")
	}
	if len(c.Etcd.Endpoints) > 0 {
		return c.Etcd.Check()
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
