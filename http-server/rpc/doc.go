// Package rpc calls the rpc-servers.
//
// An instance is one running rpc-server. The directory knows the instances from etcd,
// and goes on with those it knows when etcd is away. A lane is a stripe of chats. The
// balancer sends all calls of a lane to one instance, its home, as long as that one
// answers. So the calls of a lane meet in one memory.
//
// A call is what a caller asks for. It is tried in one or more attempts. The route of
// an attempt leads it to an instance, and remembers where it and earlier attempts have
// been. A batch is one RPC for the requests of several calls that are ready at the same
// time and go to the same instance. The throttle stops further attempts of refused
// calls while refusals are common.
package rpc
