// Package rpc calls the rpc-servers.
//
// An instance is one rpc-server of those that run. The directory knows the instances
// from etcd, and goes on with those it knows when etcd is away. A lane is a stripe of
// chats; the balancer sends all calls of a lane to one instance, its home, as long as
// that one answers, so that they meet in its memory.
//
// A call is what a caller asks for. It is tried in one or more attempts. The route of
// an attempt says to which instance it goes, and where it and earlier ones have been.
// The requests of calls that are ready at the same time, and go to the same instance,
// share one RPC: a batch. The throttle stops further attempts of refused calls while
// refusals are common.
package rpc
