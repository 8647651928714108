package gateway

import (
	"context"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"example.com/im/http-server/fault"
	"example.com/im/http-server/rpc/rpctest"
	"example.com/im/idl/gen/im"
)

// failing is a Lively that answers the first looks with codes.
type failing struct {
	*rpctest.Lively
	looks atomic.Int64
	codes []im.Code
}

// next returns the code of the next look.
func (r *failing) next() im.Code {
	if n := int(r.looks.Add(1)); n <= len(r.codes) {
		return r.codes[n-1]
	}
	return im.Code_OK
}

func (r *failing) Pull(ctx context.Context, req *im.PullRequest) (*im.PullResponse, error) {
	if code := r.next(); code != im.Code_OK {
		return &im.PullResponse{Code: code, Msg: "as the test has it"}, nil
	}
	return r.Lively.Pull(ctx, req)
}

// PullAll refuses a call of refused pulls, as an rpc-server does.
func (r *failing) PullAll(ctx context.Context, req *im.PullAllRequest) (*im.PullAllResponse, error) {
	return rpctest.PullAll(ctx, r, req)
}

func (r *failing) Sync(ctx context.Context, req *im.SyncRequest) (*im.SyncResponse, error) {
	if code := r.next(); code != im.Code_OK {
		return &im.SyncResponse{Code: code, Msg: "as the test has it"}, nil
	}
	return r.Lively.Sync(ctx, req)
}

// The rpc-servers refuse the first looks of a reader that waits, and it waits on. It gets
// what is there from the look that they answer.
func TestRefusedLooks(t *testing.T) {
	t.Parallel()
	// The gateway may make a refused call again at once, before the reader waits on.
	codes := []im.Code{im.Code_UNAVAILABLE, im.Code_UNAVAILABLE, im.Code_TIMEOUT, im.Code_UNAVAILABLE}
	for name, path := range map[string]string{"pull": "/api/pull?chat=a:b&cursor=3", "sync": "/api/sync?member=a&cursor=3"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			rpc := &failing{Lively: rpctest.NewLively(), codes: codes}
			rpc.Store("a:b", 5)
			g := startReady(t, rpctest.Serve(t, rpc))
			r := g.do(t, "GET", path+"&wait_ms=30000", "")
			if r.status != http.StatusOK || !strings.Contains(r.body, `"send_time":5`) {
				t.Errorf("%d %s; want the message of 5", r.status, r.body)
			}
			if got := rpc.looks.Load(); got != int64(len(codes))+1 {
				t.Errorf("%d looks; want %d", got, len(codes)+1)
			}
			if got := g.wakes(t, "failed"); got == 0 {
				t.Error("no reader is woken to look again")
			}
			if got := g.waiting(t); got != 0 {
				t.Errorf("%d readers wait for ever", got)
			}
		})
	}
}

// A reader whose looks have all failed does not know whether there is something. So it
// gets the failure when its time is up, never an empty page.
func TestTimeIsUpAfterRefusedLooks(t *testing.T) {
	t.Parallel()
	always := make([]im.Code, 1_000)
	for i := range always {
		always[i] = im.Code_UNAVAILABLE
	}
	for name, path := range map[string]string{"pull": "/api/pull?chat=a:b", "sync": "/api/sync?member=a"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			rpc := &failing{Lively: rpctest.NewLively(), codes: always}
			g := startReady(t, rpctest.Serve(t, rpc))
			g.do(t, "GET", path+"&wait_ms=1600", "").wantError(t, http.StatusServiceUnavailable, fault.Unavailable, "as the test has it")
			if got := g.waiting(t); got != 0 {
				t.Errorf("%d readers wait for ever", got)
			}
		})
	}
}
