// Package idl holds the contract of the two services, the limits of their calls, and the
// name under which they find each other. go generate writes all that is under gen.
package idl

import "time"

//go:generate go tool kitex -module example.com/im/idl -gen-path gen im.thrift

// ServiceName is the name under which rpc-servers are registered in etcd.
const ServiceName = "im"

// The limits of calls that an IDL cannot say.
const (
	// MaxSends is the most sends in a call of SendAll. They fit into one commit.
	MaxSends = 512
	// MaxPulls is the most pulls in a call of PullAll: their pages may take 1 MiB each.
	MaxPulls = 16
	// MaxWatch is the longest time for which a call of Watch is held. The rpc-server
	// does not notice when a caller has gone.
	MaxWatch = 2 * time.Second
)

// RequestIDKey is the metainfo key that carries a request's id from http-server
// to rpc-server, so that one id leads through both logs.
const RequestIDKey = "REQUEST_ID"
