package gateway

import (
	"context"
	"log/slog"
	"net/http"
	"testing"
	"time"

	"example.com/im/http-server/fault"
	"example.com/im/idl"
)

func TestDirectory(t *testing.T) {
	t.Parallel()
	r := silentRegistry()
	d := newDirectory(r, slog.New(slog.DiscardHandler))
	lookUp := func() {
		ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
		defer cancel()
		d.lookUp(ctx, idl.ServiceName)
	}
	lookUp()
	if got, err := d.Resolve(t.Context(), idl.ServiceName); err == nil {
		t.Errorf("before anything is known: %v", got)
	}
	r.set("127.0.0.1:1", "127.0.0.1:2")
	lookUp()
	for name, change := range map[string]func(){
		"known":     func() {},
		"no answer": func() { r.addresses.Store(nil) },
		"none left": func() { r.set() },
	} {
		change()
		lookUp()
		if got, err := d.Resolve(t.Context(), idl.ServiceName); err != nil || len(got.Instances) != 2 {
			t.Errorf("%s: %v, %v; want the two instances", name, got, err)
		}
	}
	r.set("127.0.0.1:3")
	lookUp()
	if got, err := d.Resolve(t.Context(), idl.ServiceName); err != nil || len(got.Instances) != 1 {
		t.Errorf("after a change: %v, %v; want the one instance", got, err)
	}
}

// With etcd away traffic goes on, and does not wait for it.
func TestEtcdGoesAway(t *testing.T) {
	t.Parallel()
	first, second := (&fakeRPC{}).start(t), (&fakeRPC{}).start(t)
	r := newRegistry(first)
	g := startGateway(t, r)
	eventually(t, "an rpc-server is found", func() bool { return g.send(t).status == http.StatusOK })
	r.addresses.Store(nil)
	eventually(t, "etcd is asked", func() bool { return r.unanswered.Load() > 0 })
	begin := time.Now()
	for range 20 { // 40 s, if each waited for etcd
		if got := g.send(t); got.status != http.StatusOK {
			t.Fatalf("with etcd away: %d %s", got.status, got.body)
		}
	}
	within(t, begin, "20 sends with etcd away")
	r.set(second)
	eventually(t, "the new instance is known", func() bool {
		return g.directory.known.Load().Instances[0].Address().String() == second
	})
}

// Neither a closed port nor a silent one keeps a gateway from starting.
func TestListenWithoutEtcd(t *testing.T) {
	t.Parallel()
	for name, address := range map[string]string{"closed port": refusing(t), "frozen": startFrozen(t)} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			resolver, err := newEtcdResolver([]string{address})
			if err != nil {
				t.Fatal(err)
			}
			g := startGateway(t, resolver)
			g.send(t).wantError(t, http.StatusServiceUnavailable, fault.Unavailable, "")
		})
	}
}
