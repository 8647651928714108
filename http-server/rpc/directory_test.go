package rpc

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"example.com/im/http-server/rpc/rpctest"
	"example.com/im/idl"
	"example.com/im/idl/etcd"
)

func TestDirectory(t *testing.T) {
	t.Parallel()
	r := rpctest.SilentRegistry()
	d := newDirectory(r, etcd.Settings{}, slog.New(slog.DiscardHandler))
	lookUp := func() {
		ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
		defer cancel()
		d.lookUp(ctx, idl.ServiceName)
	}
	lookUp()
	if got, err := d.Resolve(t.Context(), idl.ServiceName); err == nil {
		t.Errorf("before anything is known: %v", got)
	}
	r.Set("127.0.0.1:1", "127.0.0.1:2")
	lookUp()
	for name, change := range map[string]func(){
		"known":     func() {},
		"no answer": func() { r.Silence() },
		"none left": func() { r.Set() },
	} {
		change()
		lookUp()
		if got, err := d.Resolve(t.Context(), idl.ServiceName); err != nil || len(got.Instances) != 2 {
			t.Errorf("%s: %v, %v; want the two instances", name, got, err)
		}
	}
	r.Set("127.0.0.1:3")
	lookUp()
	if got, err := d.Resolve(t.Context(), idl.ServiceName); err != nil || len(got.Instances) != 1 {
		t.Errorf("after a change: %v, %v; want the one instance", got, err)
	}
}

// startClient returns a client that looks for the rpc-servers in r.
func startClient(t *testing.T, r *rpctest.Registry) *Client {
	t.Helper()
	c, err := New(Config{
		Settings: Settings{Timeout: 10 * time.Second, ConnectTimeout: time.Second, Conns: 1},
		Resolver: r, Log: slog.New(slog.DiscardHandler), Registerer: prometheus.NewRegistry(),
	})
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	ctx, stop := context.WithCancel(context.Background())
	go func() {
		c.Run(ctx, func(context.Context, []string) {})
		close(ended)
	}()
	t.Cleanup(func() {
		stop()
		<-ended
	})
	return c
}

// With etcd away traffic goes on, and does not wait for it.
func TestEtcdGoesAway(t *testing.T) {
	t.Parallel()
	first, second := (&rpctest.Fake{}).Start(t), (&rpctest.Fake{}).Start(t)
	r := rpctest.NewRegistry(first)
	c := startClient(t, r)
	send := func() error {
		_, err := c.Send(t.Context(), 0, aSend("x"))
		return err
	}
	rpctest.Eventually(t, "an rpc-server is found", func() bool { return send() == nil })
	r.Silence()
	rpctest.Eventually(t, "etcd is asked", func() bool { return r.Unanswered.Load() > 0 })
	begin := time.Now()
	for range 20 { // 40 s, if each waited for etcd
		if err := send(); err != nil {
			t.Fatalf("with etcd away: %v", err)
		}
	}
	rpctest.Within(t, begin, "20 sends with etcd away")
	r.Set(second)
	rpctest.Eventually(t, "the new instance is known", func() bool {
		return c.directory.known.Load().Instances[0].Address().String() == second
	})
}
