package store_test

import (
	"bytes"
	"sync/atomic"
	"testing"

	"example.com/im/rpc-server/store/storetest"
)

// No packet holds two statements of which one could run outside its transaction, as on
// a Galera node.
func TestStatementsComeAlone(t *testing.T) {
	t.Parallel()
	proxy, st, _ := storetest.ThroughProxy(t)
	var packets atomic.Int64
	proxy.SetRule(func(sent []byte) storetest.Action {
		packets.Add(1)
		if begin, _ := bytes.CutPrefix(sent[4:], []byte("\x03START TRANSACTION;")); bytes.ContainsRune(begin, ';') {
			t.Errorf("a packet holds several statements: %q", sent)
		}
		return storetest.Pass
	})
	commit(t, st, message("a:b", "x"), keyed("a:c", "k", "y"))
	commit(t, st, message("a:b", "x"), keyed("a:c", "k", "y"), keyed("a:d", "k", "z"))
	if packets.Load() == 0 {
		t.Error("the proxy saw nothing")
	}
}
