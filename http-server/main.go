// Command http-server is the gateway of the message service.
package main

import "example.com/im/idl/daemon"

func main() {
	daemon.Main(name, description, &config{})
}
