package gateway

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"example.com/im/http-server/fault"
	"example.com/im/http-server/guard"
	"example.com/im/http-server/rpc/rpctest"
	"example.com/im/idl/gen/im"
)

// changed is a Lively whose answers to syncs are changed.
type changed struct {
	*rpctest.Lively
	change func(*im.SyncResponse)
}

func (r *changed) Sync(ctx context.Context, req *im.SyncRequest) (*im.SyncResponse, error) {
	resp, err := r.Lively.Sync(ctx, req)
	r.change(resp)
	return resp, err
}

// startChanged is startGroup with answers that are changed.
func startChanged(t *testing.T, change func(*im.SyncResponse)) (*testGateway, *rpctest.Lively) {
	t.Helper()
	rpc := rpctest.NewLively()
	rpc.StoreJoined("team", "a", 2)
	g := startReady(t, rpctest.Serve(t, &changed{rpc, change}))
	_ = g.do(t, "GET", "/api/pull?chat=a:b&wait_ms=1", "")
	g.settled(t, 1)
	return g, rpc
}

// A member that is in more groups than the rpc-server tells is woken by news of any.
func TestMoreGroups(t *testing.T) {
	t.Parallel()
	g, rpc := startChanged(t, func(resp *im.SyncResponse) { resp.Groups, resp.MoreGroups = []string{"another"}, new(true) })
	answer := g.wait(t, "/api/sync?member=a&cursor=2&wait_ms=30000")
	rpc.Commit("team", 2, 5)
	if r := <-answer; !strings.Contains(r.body, fmt.Sprintf(newMessage, "team", 5)) {
		t.Errorf("sync: %d %s", r.status, r.body)
	}
}

// A page that is empty and says that there is more is not held.
func TestMoreIsNotAwaited(t *testing.T) {
	t.Parallel()
	g, _ := startChanged(t, func(resp *im.SyncResponse) { resp.HasMore = new(true) })
	begin := time.Now()
	r := g.do(t, "GET", "/api/sync?member=a&cursor=2&wait_ms=30000", "")
	if want := `{"messages":[],"reads":[],"has_more":true,"next_cursor":"2"}`; r.body != want {
		t.Errorf("sync: %d %s; want %s", r.status, r.body, want)
	}
	rpctest.Within(t, begin, "the answer")
}

// When nothing came, the answer has the cursor of the latest look, however long that is,
// and no look begins where an earlier one did.
func TestSyncWaitEnds(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("0", 1_022) + "50"
	g, rpc := startChanged(t, func(resp *im.SyncResponse) { resp.NextCursor = &long })
	begin := time.Now()
	answer := g.wait(t, "/api/sync?member=a&cursor=2&wait_ms=1500")
	rpc.Tell(noNews)
	r := <-answer
	took := time.Since(begin)
	if want := strings.Replace(fmt.Sprintf(nothingNew, 7), "7", long, 1); r.status != http.StatusOK || r.body != want || took < 1500*time.Millisecond {
		t.Errorf("sync: %d %s after %v; want %s", r.status, r.body, took, want)
	}
	if syncs := rpc.Syncs(); len(syncs) < 2 || syncs[0].GetCursor() != "2" || syncs[len(syncs)-1].GetCursor() != long {
		t.Errorf("the looks are %v", syncs)
	}
}

// The end of a sync's wait is that of a pull's: a drain, and a client that leaves.
func TestSyncIsReleased(t *testing.T) {
	t.Parallel()
	g, _ := startGroup(t)
	c := g.open(t, "GET /api/sync?member=a&cursor=2&wait_ms=30000 HTTP/1.1\r\nHost: x\r\n\r\n")
	g.awaitReaders(t, 1)
	_ = c.Close()
	g.awaitReaders(t, 0)
	answer := g.wait(t, "/api/sync?member=a&cursor=2&wait_ms=30000")
	g.room.Drain()
	if r := <-answer; r.body != fmt.Sprintf(nothingNew, 2) {
		t.Errorf("sync: %d %s", r.status, r.body)
	}
}

// MAX_WAITING bounds pulls and syncs together. A second look that fails is told.
func TestLimitOfBoth(t *testing.T) {
	t.Parallel()
	g, rpc := startGroup(t, func(c *Config) { c.Wait.Most = 2 })
	pull, member := g.wait(t, "/api/pull?chat=a:b&cursor=3&wait_ms=30000"), g.wait(t, "/api/sync?member=a&cursor=2&wait_ms=30000")
	for _, path := range []string{"/api/sync?member=c&cursor=9&wait_ms=1", "/api/pull?chat=c:c&cursor=9&wait_ms=1"} {
		g.do(t, "GET", path, "").wantError(t, http.StatusServiceUnavailable, fault.Unavailable, "waiting")
	}
	g.wantShed(t, guard.ShedReaders, 2)
	rpc.RefusePulls()
	rpc.Commit("a:b", 2, 5)
	for _, answer := range []<-chan reply{pull, member} {
		r := <-answer
		r.wantError(t, http.StatusServiceUnavailable, fault.Unavailable, "as the test has it")
	}
	if got := g.waiting(t); got != 0 {
		t.Errorf("%d readers wait for ever", got)
	}
}
