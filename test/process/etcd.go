package process

import (
	"context"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	clientv3 "go.etcd.io/etcd/client/v3"

	"example.com/im/idl/etcd"
	"example.com/im/rpc-server/store/storetest"
)

// registryPrefix is before the address in the key of a registered rpc-server.
const registryPrefix = "kitex/registry-etcd/im/"

// Etcd is an etcd with files of its own.
type Etcd struct {
	*Process
	Addr   string
	dir    string
	access etcd.Settings
	client *clientv3.Client
}

// StartEtcd starts an etcd on addr, which the caller has reserved. It does not wait until
// etcd serves.
func StartEtcd(t testing.TB, addr string) *Etcd {
	t.Helper()
	return StartEtcdAs(t, etcd.Settings{Endpoints: []string{"http://" + addr}})
}

// StartEtcdAs starts an etcd that the test reaches by access, at the one endpoint
// of that, with further options, such as those for TLS. It does not wait until
// etcd serves.
func StartEtcdAs(t testing.TB, access etcd.Settings, options ...string) *Etcd {
	t.Helper()
	storetest.Needs(t, "etcd")
	program, err := exec.LookPath("etcd")
	if err != nil {
		t.Fatalf("the tests need etcd: apt-get install etcd-server: %v", err)
	}
	own, peer, dir := access.Endpoints[0], "http://"+storetest.Reserve(t), t.TempDir()
	_, addr, _ := strings.Cut(own, "://")
	e := &Etcd{Addr: addr, dir: dir, Process: Start(t, "etcd", append([]string{
		program, "--data-dir=" + dir, "--log-level=warn",
		"--listen-client-urls=" + own, "--advertise-client-urls=" + own,
		"--listen-peer-urls=" + peer, "--initial-advertise-peer-urls=" + peer,
		"--initial-cluster=default=" + peer,
	}, options...), nil)}
	t.Cleanup(e.Kill) // its files are of no more use
	e.connect(t, access)
	return e
}

// connect makes the test's own client.
func (e *Etcd) connect(t testing.TB, access etcd.Settings) {
	t.Helper()
	config, err := access.Client()
	if err != nil {
		t.Fatal(err)
	}
	client, err := clientv3.New(config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = client.Close() })
	e.access, e.client = access, client
}

// AwaitReady waits until etcd serves.
func (e *Etcd) AwaitReady(t testing.TB) {
	t.Helper()
	Await(t, startTimeout, "etcd answers", func() bool {
		_, err := e.Registered(t.Context())
		return err == nil
	})
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
