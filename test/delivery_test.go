package test

import (
	"bytes"
	"testing"
	"time"

	driver "github.com/go-sql-driver/mysql"

	"example.com/im/rpc-server/store/storetest"
	"example.com/im/test/delivery"
	"example.com/im/test/process"
)

// deliveryTime is for how long traffic runs where nothing else ends it.
const deliveryTime = 3 * time.Second

// Each acknowledged message is delivered once and in order, while two rpc-servers
// write to every lane (P1, P3).
func TestDelivery(t *testing.T) {
	t.Parallel()
	ownSystem(t)
	tr := startTraffic(t, contention(t, storetest.MySQL(t)))
	time.Sleep(deliveryTime) // the length of the test, not a wait for something
	tr.finish(t)
	tr.wantNoFailure(t)
}

// The checker finds the anomalies of a service whose commits do not lock their
// lanes: messages come to lie below what readers have read.
func TestDeliveryWithoutLock(t *testing.T) {
	t.Parallel()
	ownSystem(t)
	c, err := driver.ParseDSN(storetest.MySQL(t))
	if err != nil {
		t.Fatal(err)
	}
	proxy := storetest.NewProxy(t, c.Addr)
	proxy.SetRule(func(sent []byte) storetest.Action {
		const lock = "FOR UPDATE"
		if at := bytes.Index(sent, []byte(lock)); at >= 0 {
			copy(sent[at:], bytes.Repeat([]byte{' '}, len(lock)))
		}
		return storetest.Pass
	})
	c.Addr = proxy.Addr()
	cfg := contention(t, c.FormatDSN())
	for begin := time.Now(); time.Since(begin) < time.Minute; {
		tr := startTraffic(t, cfg)
		time.Sleep(deliveryTime) // the length of the traffic
		report, err := tr.Finish(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if report.Anomalies[delivery.PollSkip] > 0 {
			t.Logf("found after %v:\n%v", time.Since(begin), report)
			return
		}
	}
	t.Error("no page that skips a message was found within a minute")
}

// contention is traffic on two systems that share a database, so that all chats
// are written to through both.
func contention(t *testing.T, dsn string) delivery.Config {
	t.Helper()
	first, second := process.StartStranger(t, dsn), process.StartStranger(t, dsn)
	cfg := trafficOf(append(first.URLs(), second.URLs()...), 4, 16, 0)
	cfg.Poll = time.Millisecond
	return cfg
}
