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

func TestSendIsNotRepeated(t *testing.T) {
	t.Parallel()
	var calls atomic.Int32
	count := func(code im.Code) *rpctest.Fake {
		return &rpctest.Fake{OnSend: func(context.Context, *im.Message) (*im.SendResponse, error) {
			calls.Add(1)
			return &im.SendResponse{Code: code, Msg: "as the test has it"}, nil
		}}
	}
	for i, c := range []im.Code{im.Code_TIMEOUT, im.Code_UNAVAILABLE, im.Code_INTERNAL} {
		g := startReady(t, count(c).Start(t), count(c).Start(t))
		g.send(t)
		if got := calls.Load(); got != int32(i+1) {
			t.Errorf("after %d sends there were %d calls", i+1, got)
		}
	}
}

func TestSendGoesToAnotherInstanceThatCanBeReached(t *testing.T) {
	t.Parallel()
	g := startReady(t, rpctest.Refusing(t), rpctest.Refusing(t), (&rpctest.Fake{}).Start(t), rpctest.Refusing(t))
	for range 5 {
		if r := g.send(t); r.status != http.StatusOK {
			t.Fatalf("answer = %d %s", r.status, r.body)
		}
	}
}

// Pulls, and sends with a key, are repeated on another instance.
func TestSafeCallsAreRepeatedElsewhere(t *testing.T) {
	t.Parallel()
	unable := func(t *testing.T) string {
		t.Helper()
		return (&rpctest.Fake{
			OnSend: func(context.Context, *im.Message) (*im.SendResponse, error) {
				return &im.SendResponse{Code: im.Code_TIMEOUT, Msg: "as the test has it"}, nil
			},
			OnPull: func(context.Context, *im.PullRequest) (*im.PullResponse, error) {
				return &im.PullResponse{Code: im.Code_UNAVAILABLE}, nil
			},
		}).Start(t)
	}
	for name, first := range map[string]func(*testing.T) string{
		"dies": rpctest.StartDying, "never answers": rpctest.StartFrozen, "refuses": rpctest.Refusing, "is not able": unable,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := startReadyWith(t, func(c *Config) { c.RPC.Timeout = 4 * time.Second }, first(t), (&rpctest.Fake{}).Start(t))
			for _, chat := range []string{"a:b", "c:d", "e:f", "g:h"} { // some of each instance
				if r := g.do(t, "GET", "/api/pull?chat="+chat, ""); r.status != http.StatusOK {
					t.Errorf("answer to a pull = %d %s", r.status, r.body)
				}
				body := `{"chat":"` + chat + `","text":"x","sender":"` + chat[:1] + `"}`
				if r := g.do(t, "POST", "/api/send", body, "Idempotency-Key: k"); r.status != http.StatusOK {
					t.Errorf("answer to a keyed send = %d %s", r.status, r.body)
				}
			}
		})
	}
}

// The key goes to the service as it is, and its answer says when it was known.
func TestIdempotencyKey(t *testing.T) {
	t.Parallel()
	var got atomic.Pointer[im.SendRequest]
	replayed := true
	g := startReady(t, (&rpctest.Fake{Sent: func(req *im.SendRequest) { got.Store(req) }, Replayed: &replayed}).Start(t))
	const body = `{"chat":"a:b","text":"x","sender":"a"}`
	for _, key := range []string{"k", "!~", ""} {
		r := g.do(t, "POST", "/api/send", body, "Idempotency-Key: "+key)
		if req := got.Load(); !req.IsSetIdempotencyKey() || req.GetIdempotencyKey() != key {
			t.Errorf("key %q arrives as %v", key, req)
		}
		if r.header.Get("Idempotent-Replayed") != "true" {
			t.Errorf("a replay is not marked: %v", r.header)
		}
	}
	g.do(t, "POST", "/api/send", body)
	if req := got.Load(); req.IsSetIdempotencyKey() {
		t.Errorf("without the header there is a key: %v", req)
	}
	r := g.rawOne(t, "POST /api/send HTTP/1.1\r\nHost: x\r\nConnection: close\r\nIdempotency-Key: a\r\nIdempotency-Key: b\r\n"+
		"Content-Length: 38\r\n\r\n"+body)
	r.wantError(t, http.StatusBadRequest, fault.InvalidArgument, "Idempotency-Key: must be given once")
}

// If the outcome of a first attempt is not known, the refusal of a second does not
// settle it.
func TestUnknownStaysUnknown(t *testing.T) {
	t.Parallel()
	frozen, refuses := rpctest.StartFrozen(t), rpctest.Refusing(t)
	g := startReadyWith(t, func(c *Config) { c.RPC.Timeout = 300 * time.Millisecond }, frozen, refuses)
	for _, chat := range []string{"a:b", "c:d", "e:f", "g:h"} { // some of each instance
		g.do(t, "GET", "/api/pull?chat="+chat, "").wantError(t, http.StatusGatewayTimeout, fault.Timeout, "")
	}
}

// That holds for every refusal. Somebody who is no member when the second attempt comes may
// be one when the first goes on.
func TestNoMemberStaysUnknown(t *testing.T) {
	t.Parallel()
	for path, body := range map[string]string{
		"/api/send":    `{"chat":"team","text":"x","sender":"a"}`,
		"/api/members": `{"chat":"team","by":"a","add":["b"]}`,
		"/api/read":    `{"chat":"team","member":"a","send_time":1}`,
	} {
		t.Run(path, func(t *testing.T) {
			t.Parallel()
			var calls atomic.Int32
			code := func() im.Code {
				if calls.Add(1) == 1 {
					return im.Code_TIMEOUT
				}
				return im.Code_FORBIDDEN
			}
			fake := func() string {
				return (&rpctest.Fake{
					OnSend: func(context.Context, *im.Message) (*im.SendResponse, error) {
						return &im.SendResponse{Code: code(), Msg: "as the test has it"}, nil
					},
					OnChange: func(context.Context, *im.ChangeMembersRequest) (*im.ChangeMembersResponse, error) {
						return &im.ChangeMembersResponse{Code: code(), Msg: "as the test has it"}, nil
					},
					OnRead: func(context.Context, *im.ReadRequest) (*im.ReadResponse, error) {
						return &im.ReadResponse{Code: code(), Msg: "as the test has it"}, nil
					},
				}).Start(t)
			}
			g := startReady(t, fake(), fake())
			g.do(t, "POST", path, body, "Idempotency-Key: k").wantError(t, http.StatusGatewayTimeout, fault.Timeout, "")
			if got := calls.Load(); got != 2 {
				t.Errorf("%d calls; want 2", got)
			}
			g.do(t, "POST", path, body, "Idempotency-Key: k").wantError(t, http.StatusForbidden, fault.Forbidden, "")
		})
	}
}
