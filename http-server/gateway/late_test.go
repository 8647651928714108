package gateway

import (
	"context"
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	"example.com/im/http-server/fault"
	"example.com/im/http-server/rpc/rpctest"
	"example.com/im/idl/gen/im"
)

// lateCase is how an inbox fails.
type lateCase struct {
	timeout  time.Duration // of the call, of which each attempt has half
	after    time.Duration
	code     im.Code
	attempts int32
	status   int
	fault    fault.Code
}

// An inbox or a sync that took its time once is not tried again: its statement would take
// as long again. A refusal comes at once, and another instance is asked.
func TestLateCallsAreNotRepeated(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]lateCase{
		"no answer":              {time.Second, time.Hour, im.Code_OK, 1, http.StatusGatewayTimeout, fault.Timeout},
		"a late refusal":         {4 * time.Second, 1200 * time.Millisecond, im.Code_UNAVAILABLE, 1, http.StatusServiceUnavailable, fault.Unavailable},
		"late, and not known":    {4 * time.Second, 1200 * time.Millisecond, im.Code_TIMEOUT, 1, http.StatusGatewayTimeout, fault.Timeout},
		"a refusal":              {time.Minute, 0, im.Code_UNAVAILABLE, 2, http.StatusServiceUnavailable, fault.Unavailable},
		"at once, and not known": {time.Minute, 0, im.Code_TIMEOUT, 2, http.StatusGatewayTimeout, fault.Timeout},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, path := range []string{"/api/chats?member=a", "/api/sync?member=a"} {
				tc.check(t, path)
			}
		})
	}
}

// check checks how often two instances are asked that both fail so.
func (tc lateCase) check(t *testing.T, path string) {
	t.Helper()
	var attempts atomic.Int32
	fail := func() im.Code {
		attempts.Add(1)
		select {
		case <-time.After(tc.after): // how long the database takes
		case <-t.Context().Done():
		}
		return tc.code
	}
	fake := &rpctest.Fake{
		OnChats: func(context.Context, *im.ChatsRequest) (*im.ChatsResponse, error) {
			return &im.ChatsResponse{Code: fail(), Msg: "as the test has it"}, nil
		},
		OnSync: func(context.Context, *im.SyncRequest) (*im.SyncResponse, error) {
			return &im.SyncResponse{Code: fail(), Msg: "as the test has it"}, nil
		},
	}
	g := startReadyWith(t, func(c *Config) { c.RPC.Timeout, c.ExitWait = tc.timeout, time.Minute }, fake.Start(t), fake.Start(t))
	g.do(t, "GET", path, "").wantError(t, tc.status, tc.fault, "")
	if got := attempts.Load(); got != tc.attempts {
		t.Errorf("%s: %d attempts; want %d", path, got, tc.attempts)
	}
}
