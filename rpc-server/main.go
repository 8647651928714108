// Command rpc-server keeps the messages of the message service: it orders and stores
// what is sent, and reads pages. Gateways find it through etcd.
package main

import "example.com/im/idl/daemon"

func main() {
	daemon.Main(name, description, &config{})
}
