package storetest

import (
	"testing"

	"example.com/im/rpc-server/store"
)

// Bench runs a benchmark on a fresh store of each kind.
func Bench(b *testing.B, bench func(b *testing.B, st *store.Store)) {
	b.Helper()
	b.Run("SQLite", func(b *testing.B) { bench(b, Open(b, SQLite(b))) })
	b.Run(ServerName(), func(b *testing.B) { bench(b, Open(b, Dialector(b, MySQL(b)))) })
}
