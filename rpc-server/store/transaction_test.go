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
	var queries atomic.Int64
	proxy.SetRule(func(sent []byte) storetest.Action {
		query, isQuery := bytes.CutPrefix(sent[4:], []byte("\x03"))
		if !isQuery { // the login of a new connection, which has any bytes
			return storetest.Pass
		}
		queries.Add(1)
		if begin, _ := bytes.CutPrefix(query, []byte("START TRANSACTION;")); bytes.ContainsRune(begin, ';') {
			t.Errorf("a packet holds several statements: %q", sent)
		}
		return storetest.Pass
	})
	commit(t, st, message("a:b", "x"), keyed("a:c", "k", "y"))
	commit(t, st, message("a:b", "x"), keyed("a:c", "k", "y"), keyed("a:d", "k", "z"))
	if queries.Load() == 0 {
		t.Error("the proxy saw no query")
	}
}
