package stack

import (
	"errors"
	"fmt"
	"net/url"
	"os"
	"time"

	"go.etcd.io/etcd/server/v3/embed"
	"go.uber.org/zap"
)

// etcdStartTimeout is for how long the embedded etcd may take to elect itself.
const etcdStartTimeout = 30 * time.Second

// startEtcd starts an etcd of one member on free loopback ports. What dir holds
// of an earlier run is removed: the addresses of instances that are gone. For
// the same reason nothing is synced to the disk.
func startEtcd(dir string) (*embed.Etcd, error) {
	if err := os.RemoveAll(dir); err != nil {
		return nil, err
	}
	loopback := []url.URL{{Scheme: "http", Host: "127.0.0.1:0"}}
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
