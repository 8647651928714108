package main

import (
	"example.com/im/idl/daemon"
	"example.com/im/rpc-server/im"
	"example.com/im/rpc-server/store"
)

const (
	name        = "rpc-server"
	description = "Keeps the messages of the message service in a MySQL-compatible database."
)

// config is the command line. Each setting is a flag and an environment variable,
// declared by the package that uses it.
type config struct {
	Daemon daemon.Settings     `embed:""`
	MySQL  store.MySQLSettings `embed:""`
	Store  store.Settings      `embed:""`
	IM     im.Settings         `embed:""`

	Serve  serveCmd  `cmd:"" default:"1" help:"Serve the gateways (the default)."`
	Health healthCmd `cmd:"" help:"Ask the server at RPC_ADDR whether it can serve, for container checks."`
}
