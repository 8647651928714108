package test

import (
	"flag"
	"testing"
	"time"

	"example.com/im/rpc-server/store/storetest"
	"example.com/im/test/process"
)

var deliveryTime = flag.Duration("delivery", 3*time.Second, "for how long TestDelivery sends")

// Each acknowledged message is read exactly once, in increasing send_time, by a
// reader that follows the chat, while all instances write to it (P1, P3).
func TestDelivery(t *testing.T) {
	t.Parallel()
	ownSystem(t)
	s := process.StartSystem(t, storetest.MySQL(t))
	tr := startTraffic(t, newClient(t, s.URLs()...), 4, 16, 0, time.Millisecond,
		postTo(t, s.RPCServers[0].Addr), postTo(t, s.RPCServers[1].Addr))
	time.Sleep(*deliveryTime) // the length of the test, not a wait for something
	tr.finish(t)
	wantNoFailure(t, tr)
}
