package gateway

import (
	"context"
	"errors"
	"net/http"
	"testing"
	"time"

	"github.com/bytedance/gopkg/cloud/metainfo"

	"example.com/im/http-server/fault"
	"example.com/im/http-server/rpc/rpctest"
	"example.com/im/idl"
	"example.com/im/idl/gen/im"
)

func TestCodes(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		answer im.Code
		status int
		code   fault.Code
		text   string
	}{
		"invalid argument": {im.Code_INVALID_ARGUMENT, 400, fault.InvalidArgument, "field: the text"},
		"key reused":       {im.Code_KEY_REUSED, 422, fault.KeyReused, "field: the text"},
		"unavailable":      {im.Code_UNAVAILABLE, 503, fault.Unavailable, "field: the text"},
		"not found":        {im.Code_NOT_FOUND, 404, fault.NotFound, "field: the text"},
		"forbidden":        {im.Code_FORBIDDEN, 403, fault.Forbidden, "field: the text"},
		"timeout":          {im.Code_TIMEOUT, 504, fault.Timeout, "field: the text"},
		"internal":         {im.Code_INTERNAL, 500, fault.Internal, `"internal error"`},
		"a code to come":   {im.Code(99), 500, fault.Internal, `"internal error"`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			rpc := &rpctest.Fake{
				OnSend: func(context.Context, *im.Message) (*im.SendResponse, error) {
					return &im.SendResponse{Code: tc.answer, Msg: "field: the text"}, nil
				},
				OnPull: func(context.Context, *im.PullRequest) (*im.PullResponse, error) {
					return &im.PullResponse{Code: tc.answer, Msg: "field: the text"}, nil
				},
			}
			g := startReady(t, rpc.Start(t))
			g.send(t).wantError(t, tc.status, tc.code, tc.text)
			if tc.code != fault.KeyReused && tc.code != fault.Forbidden { // anybody may pull, without a key
				g.do(t, "GET", "/api/pull?chat=a:b", "").wantError(t, tc.status, tc.code, tc.text)
			}
		})
	}
}

// 503 promises that nothing is stored. 504 says that it is not known.
func TestFaultsOfSend(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		rpc    func(*testing.T) string
		status int
		code   fault.Code
	}{
		"connection refused":   {rpctest.Refusing, http.StatusServiceUnavailable, fault.Unavailable},
		"dies with a request":  {rpctest.StartDying, http.StatusGatewayTimeout, fault.Timeout},
		"never answers":        {rpctest.StartFrozen, http.StatusGatewayTimeout, fault.Timeout},
		"handler returns":      {startFailing, http.StatusInternalServerError, fault.Internal},
		"handler panics":       {startPanicking, http.StatusInternalServerError, fault.Internal},
		"connection not taken": {rpctest.StartFull, http.StatusServiceUnavailable, fault.Unavailable},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := startReadyWith(t, func(c *Config) {
				c.RPC.Timeout, c.RPC.ConnectTimeout = 300*time.Millisecond, 100*time.Millisecond
			}, tc.rpc(t))
			g.send(t).wantError(t, tc.status, tc.code, "")
		})
	}
}

func startFailing(t *testing.T) string {
	t.Helper()
	return (&rpctest.Fake{OnSend: func(context.Context, *im.Message) (*im.SendResponse, error) {
		return nil, errors.New("a defect")
	}}).Start(t)
}

func startPanicking(t *testing.T) string {
	t.Helper()
	return (&rpctest.Fake{OnSend: func(context.Context, *im.Message) (*im.SendResponse, error) {
		panic("a defect")
	}}).Start(t)
}

func TestTimeAndIDReachTheService(t *testing.T) {
	t.Parallel()
	type seen struct {
		id   string
		left time.Duration
	}
	calls := make(chan seen, 2)
	note := func(ctx context.Context) {
		id, _ := metainfo.GetValue(ctx, idl.RequestIDKey)
		deadline, _ := ctx.Deadline()
		calls <- seen{id, time.Until(deadline)}
	}
	rpc := &rpctest.Fake{
		OnSend: func(ctx context.Context, _ *im.Message) (*im.SendResponse, error) {
			note(ctx)
			return &im.SendResponse{SendTime: new(int64(1))}, nil
		},
		OnPull: func(ctx context.Context, _ *im.PullRequest) (*im.PullResponse, error) {
			note(ctx)
			return &im.PullResponse{}, nil
		},
	}
	g := startReadyWith(t, func(c *Config) { c.RPC.Timeout = 4 * time.Second }, rpc.Start(t))
	for path, want := range map[string]time.Duration{"/api/send": 4 * time.Second, "/api/pull": 2 * time.Second} {
		method := map[string]string{"/api/send": "POST", "/api/pull": "GET"}[path]
		r := g.do(t, method, path, `{"chat":"a:b","text":"x","sender":"a"}`, "X-Request-ID: my-id")
		if r.status != http.StatusOK {
			t.Fatalf("%s: answer = %d %s", path, r.status, r.body)
		}
		got := <-calls
		if got.id != "my-id" {
			t.Errorf("%s: request id at the rpc-server = %q", path, got.id)
		}
		if got.left > want || got.left <= want/2 {
			t.Errorf("%s: time left at the rpc-server = %v; want nearly %v", path, got.left, want)
		}
	}
}

func TestNoInstance(t *testing.T) {
	t.Parallel()
	for name, r := range map[string]*rpctest.Registry{"etcd is away": rpctest.SilentRegistry(), "none registered": rpctest.NewRegistry()} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := startGateway(t, r, func(c *Config) { c.RPC.Timeout = time.Minute }) // the answers are not to wait
			g.send(t).wantError(t, http.StatusServiceUnavailable, fault.Unavailable, "")
			g.do(t, "GET", "/api/pull?chat=a:b", "").wantError(t, http.StatusServiceUnavailable, fault.Unavailable, "")
			g.do(t, "GET", "/readyz", "").wantError(t, http.StatusServiceUnavailable, fault.Unavailable, "")
		})
	}
}
