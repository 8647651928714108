// Package im is the RPC service: it answers the calls of idl/im.thrift, keeps its
// address in etcd, and drains when it is stopped. Ordering and storing are the business
// of the sequencer and the store.
//
// Its nouns:
//
//   - An instance is one running rpc-server. A gateway is an http-server, which calls
//     instances for its clients.
//   - The inbox of a member is the list of its chats. The API calls that Chats.
//   - A shared call carries requests that have come to a gateway at the same time:
//     SendAll or PullAll. A part is one request in it.
//   - A watcher is a caller of Watch, who waits for news of commits.
//   - A call is shed if the instance refuses it because there is too much.
//   - An instance that drains answers the calls that it has accepted, and refuses others.
package im
