package main

import (
	"errors"

	"example.com/im/http-server/gateway"
	"example.com/im/idl/daemon"
)

const (
	name        = "http-server"
	description = "The gateway of the message service: JSON over HTTP for clients, Thrift to the rpc-servers."
)

// config is the command line. Each setting is a flag and an environment variable,
// declared by the package that uses it.
type config struct {
	Daemon  daemon.Settings  `embed:""`
	Gateway gateway.Settings `embed:""`

	Serve  serveCmd  `cmd:"" default:"1" help:"Serve the API (the default)."`
	Health healthCmd `cmd:"" help:"Ask the gateway at HTTP_ADDR for its health, for container checks."`
}

// Validate implements kong's hook: it finds settings of different packages that
// contradict each other.
func (c *config) Validate() error {
	if c.Daemon.DebugAddr != "" && c.Daemon.DebugAddr == c.Gateway.Addr {
		return errors.New("DEBUG_ADDR must differ from HTTP_ADDR")
	}
	return nil
}
