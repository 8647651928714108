package cluster

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"example.com/im/rpc-server/store/storetest"
)

// tidbVariable names a tidb-server. One is built in half an hour from TiDB's Go module:
//
//	version=20251126154744-e4e814fdc0af
//	go mod download -json github.com/pingcap/tidb@v1.1.0-beta.0.$version   # tells its Dir
//	cp "$Dir"/go.mod "$Dir"/go.sum .
//	go mod edit -module=example.com/tidb-server -require=github.com/pingcap/tidb@v1.1.0-beta.0.$version \
//		-replace=github.com/pingcap/tidb/pkg/parser=github.com/pingcap/tidb/pkg/parser@v0.0.0-$version
//	go build -mod=mod -o tidb-server github.com/pingcap/tidb/cmd/tidb-server
//
// The module's own go.mod has replace directives, which Go heeds in the main module
// alone.
const tidbVariable = "TEST_TIDB_SERVER"

// StartTiDB starts the TiDB that TEST_TIDB_SERVER names, with its embedded store in dir.
// That store does not sync. The error is [storetest.ErrNotHere] if none is named.
func StartTiDB(t testing.TB, dir string) (*storetest.Server, error) {
	t.Helper()
	program := os.Getenv(tidbVariable)
	if program == "" {
		return nil, fmt.Errorf("TiDB: %w: name a tidb-server with %s", storetest.ErrNotHere, tidbVariable)
	}
	addr, status := storetest.Reserve(t), storetest.Reserve(t)
	log := filepath.Join(dir, "error.log")
	s := storetest.NewServer(storetest.ServerConfig{Name: "TiDB", Addr: addr, Log: log, User: "root", Command: []string{
		program, "--store=unistore", "--path=" + filepath.Join(dir, "data"), "--host=127.0.0.1", "-P=" + port(addr),
		"--status-host=127.0.0.1", "--status=" + port(status), "--socket=" + filepath.Join(dir, "socket"),
		"--temp-dir=" + filepath.Join(dir, "temp"), "--log-file=" + log, "-L=warn", "--log-slow-query=" + filepath.Join(dir, "slow.log"),
	}})
	return s, s.Start()
}
