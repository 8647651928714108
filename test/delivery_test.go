package test

import (
	"bytes"
	"net/http"
	"testing"
	"time"

	"example.com/im/rpc-server/store/storetest"
	"example.com/im/test/delivery"
	"example.com/im/test/process"
)

// deliveryTime is for how long traffic runs where nothing else ends it.
const deliveryTime = 3 * time.Second

// Each acknowledged message is delivered once and in order while two rpc-servers write
// to every lane (P1, P3).
func TestDelivery(t *testing.T) {
	t.Parallel()
	ownSystem(t)
	tr := startTraffic(t, contention(t, storetest.MySQL(t)))
	time.Sleep(deliveryTime) // the length of the test, not a wait for something
	tr.finish(t)
	tr.wantNoFailure(t)
}

// The checker finds the anomalies of a service whose commits do not lock their lanes:
// it stores messages below what readers have read.
func TestDeliveryWithoutLock(t *testing.T) {
	t.Parallel()
	ownSystem(t)
	proxy, dsn := storetest.Proxied(t, storetest.MySQL(t))
	proxy.SetRule(func(sent []byte) storetest.Action {
		const lock = "FOR UPDATE"
		if at := bytes.Index(sent, []byte(lock)); at >= 0 {
			copy(sent[at:], bytes.Repeat([]byte{' '}, len(lock)))
		}
		return storetest.Pass
	})
	cfg := contention(t, dsn)
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

// A key is one key on all rpc-servers, at once and after they were started again
// (P4).
func TestKeysOnTwoInstances(t *testing.T) {
	t.Parallel()
	ownSystem(t)
	dsn := storetest.MySQL(t)
	systems := []*process.System{process.StartStranger(t, dsn), process.StartStranger(t, dsn)}
	c := newClient(t, append(systems[0].URLs(), systems[1].URLs()...)...)
	testEqualKeysAtOnce(t, c)

	body := toJSON(map[string]string{"chat": "john:doe", "sender": "john", "text": "x"})
	first := c.do(t, http.MethodPost, "/api/send", body, keyHeader, "key")
	for _, s := range systems {
		s.RPCServers[0].Stop(t)
		s.RPCServers[0].Restart(t)
		s.AwaitReady(t)
	}
	for range systems {
		if again := c.do(t, http.MethodPost, "/api/send", body, keyHeader, "key"); !bytes.Equal(again.body, first.body) {
			t.Errorf("after a restart: %s; want %s", again.body, first.body)
		}
	}
}

// contention is traffic on two systems that share a database, so that all chats
// are written to through both.
func contention(t *testing.T, dsn string) delivery.Config {
	t.Helper()
	first, second := process.StartStranger(t, dsn, patientSettings...), process.StartStranger(t, dsn, patientSettings...)
	cfg := trafficOf(append(first.URLs(), second.URLs()...), 4, 16, 0)
	cfg.Poll = time.Millisecond
	return cfg
}
