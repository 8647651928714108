package gateway

import (
	"context"
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	"example.com/im/http-server/fault"
	"example.com/im/idl/gen/im"
)

func TestSendIsNotRepeated(t *testing.T) {
	t.Parallel()
	var calls atomic.Int32
	count := func(code im.Code) *fakeRPC {
		return &fakeRPC{send: func(context.Context, *im.Message) (*im.SendResponse, error) {
			calls.Add(1)
			return &im.SendResponse{Code: code, Msg: "as the test has it"}, nil
		}}
	}
	for i, c := range []im.Code{im.Code_TIMEOUT, im.Code_UNAVAILABLE, im.Code_INTERNAL} {
		g := startReady(t, count(c).start(t), count(c).start(t))
		g.send(t)
		if got := calls.Load(); got != int32(i+1) {
			t.Errorf("after %d sends there were %d calls", i+1, got)
		}
	}
}

func TestSendGoesToAnotherInstanceThatCanBeReached(t *testing.T) {
	t.Parallel()
	g := startReady(t, refusing(t), refusing(t), (&fakeRPC{}).start(t), refusing(t))
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
		return (&fakeRPC{
			send: func(context.Context, *im.Message) (*im.SendResponse, error) {
				return &im.SendResponse{Code: im.Code_TIMEOUT, Msg: "as the test has it"}, nil
			},
			pull: func(context.Context, *im.PullRequest) (*im.PullResponse, error) {
				return &im.PullResponse{Code: im.Code_UNAVAILABLE}, nil
			},
		}).start(t)
	}
	for name, first := range map[string]func(*testing.T) string{
		"dies": startDying, "never answers": startFrozen, "refuses": refusing, "is not able": unable,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := startReadyWith(t, func(c *Config) { c.RPCTimeout = 4 * time.Second }, first(t), (&fakeRPC{}).start(t))
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
	g := startReady(t, (&fakeRPC{sent: func(req *im.SendRequest) { got.Store(req) }, replayed: &replayed}).start(t))
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

// What a first attempt has left open, the refusal of a second does not settle.
func TestUnknownStaysUnknown(t *testing.T) {
	t.Parallel()
	frozen, refuses := startFrozen(t), refusing(t)
	g := startReadyWith(t, func(c *Config) { c.RPCTimeout = 300 * time.Millisecond }, frozen, refuses)
	for _, chat := range []string{"a:b", "c:d", "e:f", "g:h"} { // some of each instance
		g.do(t, "GET", "/api/pull?chat="+chat, "").wantError(t, http.StatusGatewayTimeout, fault.Timeout, "")
	}
}
