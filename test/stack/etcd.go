package stack

import (
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"sync"
	"syscall"
	"time"

	"go.etcd.io/etcd/server/v3/embed"
	"go.etcd.io/etcd/server/v3/storage/wal"
	"go.uber.org/zap"
)

// etcdStartTimeout is for how long the embedded etcd may take to elect itself.
const etcdStartTimeout = 30 * time.Second

// shortenLogs makes etcd reserve 1 MiB for each file of its log, not 64 MB: it holds
// a handful of addresses, and a disk with less space left is no reason to fail.
var shortenLogs = sync.OnceFunc(func() { wal.SegmentSizeBytes = 1 << 20 })

// etcdSpace is what the files of a new etcd take: two of the log, and its database.
const etcdSpace = 3 << 20

// checkSpace says so if there is no room in dir for an etcd, which would panic.
func checkSpace(dir string) error {
	var fs syscall.Statfs_t
	if err := syscall.Statfs(dir, &fs); err != nil {
		return err
	}
	if free := int64(fs.Bavail) * fs.Bsize; free < etcdSpace {
		return fmt.Errorf("only %.1f MiB free in %s; %d MiB are needed", float64(free)/(1<<20), dir, etcdSpace>>20)
	}
	return nil
}

// startEtcd starts an etcd of one member on free loopback ports. What dir holds
// of an earlier run is removed: the addresses of instances that are gone. For
// the same reason nothing is synced to the disk.
func startEtcd(dir string) (*embed.Etcd, error) {
	shortenLogs()
	if err := os.RemoveAll(dir); err != nil {
		return nil, err
	}
	loopback := []url.URL{{Scheme: "http", Host: "127.0.0.1:0"}}
	if err := checkSpace(filepath.Dir(dir)); err != nil {
		return nil, err
	}
	cfg := embed.NewConfig()
	cfg.Dir = dir
	cfg.ListenClientUrls, cfg.AdvertiseClientUrls = loopback, loopback
	cfg.ListenPeerUrls, cfg.AdvertisePeerUrls = loopback, loopback
	cfg.InitialCluster = cfg.InitialClusterFromName(cfg.Name)
	cfg.UnsafeNoFsync = true
	cfg.ZapLoggerBuilder = embed.NewZapLoggerBuilder(zap.NewNop()) // what matters is an error
	etcd, err := embed.StartEtcd(cfg)
	if err != nil {
		return nil, err
	}
	select {
	case <-etcd.Server.ReadyNotify():
		return etcd, nil
	case err = <-etcd.Err():
	case <-time.After(etcdStartTimeout):
		err = errors.New("not ready in time")
	}
	etcd.Server.HardStop()
	return nil, fmt.Errorf("no start: %w", err)
}
