package process

import (
	"context"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	clientv3 "go.etcd.io/etcd/client/v3"
	"go.uber.org/zap"
	"google.golang.org/grpc"
	"google.golang.org/grpc/backoff"

	"example.com/im/rpc-server/store/storetest"
)

// registryPrefix is before the address in the key of a registered rpc-server.
const registryPrefix = "kitex/registry-etcd/im/"

// Etcd is an etcd with files of its own.
type Etcd struct {
	*Process
	Addr   string
	dir    string
	client *clientv3.Client
}

// StartEtcd starts an etcd on addr, which is reserved, and does not wait until
// it serves.
func StartEtcd(t testing.TB, addr string) *Etcd {
	t.Helper()
	program, err := exec.LookPath("etcd")
	if err != nil {
		t.Fatalf("the tests need etcd: apt-get install etcd-server: %v", err)
	}
	client, err := clientv3.New(clientv3.Config{
		Endpoints: []string{addr}, Logger: zap.NewNop(),
		// By default the client comes to wait for minutes after an outage.
		DialOptions: []grpc.DialOption{grpc.WithConnectParams(grpc.ConnectParams{
			Backoff: backoff.Config{BaseDelay: 100 * time.Millisecond, Multiplier: 1, MaxDelay: time.Second},
		})},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = client.Close() })
	own, peer, dir := "http://"+addr, "http://"+storetest.Reserve(t), t.TempDir()
	e := &Etcd{Addr: addr, dir: dir, client: client, Process: Start(t, "etcd", []string{
		program, "--data-dir=" + dir, "--log-level=warn",
		"--listen-client-urls=" + own, "--advertise-client-urls=" + own,
		"--listen-peer-urls=" + peer, "--initial-advertise-peer-urls=" + peer,
		"--initial-cluster=default=" + peer,
	}, nil)}
	t.Cleanup(e.Kill) // its files are of no more use
	return e
}

// AwaitReady waits until etcd serves.
func (e *Etcd) AwaitReady(t testing.TB) {
	t.Helper()
	Await(t, startTimeout, "etcd is healthy", func() bool { return Status("http://"+e.Addr+"/health") == http.StatusOK })
}

// Wipe removes the files of an etcd that has ended: it starts again knowing
// nothing.
func (e *Etcd) Wipe(t testing.TB) {
	t.Helper()
	if err := os.RemoveAll(e.dir); err != nil {
		t.Fatal(err)
	}
}

// Registered returns the addresses of the rpc-servers that are registered, or an
// error if etcd does not answer.
func (e *Etcd) Registered(ctx context.Context) ([]string, error) {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	found, err := e.client.Get(ctx, registryPrefix, clientv3.WithPrefix(), clientv3.WithKeysOnly())
	if err != nil {
		return nil, err
	}
	addrs := make([]string, len(found.Kvs))
	for i, kv := range found.Kvs {
		addrs[i] = strings.TrimPrefix(string(kv.Key), registryPrefix)
	}
	return addrs, nil
}
