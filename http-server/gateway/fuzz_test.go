package gateway

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/cloudwego/hertz/pkg/common/hlog"
	"github.com/cloudwego/kitex/pkg/klog"

	"example.com/im/idl/chat"
	"example.com/im/idl/gen/im"
)

// checkingRPC returns an rpc-server that refuses what a real one refuses.
func checkingRPC() *fakeRPC {
	return &fakeRPC{
		send: func(_ context.Context, m *im.Message) (*im.SendResponse, error) {
			name, err := chat.Parse(m.Chat)
			if err == nil {
				_, err = name.Sender(m.Sender)
			}
			if err == nil {
				err = chat.CheckText(m.Text)
			}
			if err != nil {
				return &im.SendResponse{Code: im.Code_INVALID_ARGUMENT, Msg: err.Error()}, nil
			}
			return &im.SendResponse{}, nil
		},
		pull: func(_ context.Context, req *im.PullRequest) (*im.PullResponse, error) {
			err := chat.CheckCursor(req.Cursor)
			if err == nil {
				_, err = chat.Limit(req.Limit)
			}
			if err != nil {
				return &im.PullResponse{Code: im.Code_INVALID_ARGUMENT, Msg: err.Error()}, nil
			}
			m := &im.Message{Chat: req.Chat, Text: "\"\u2028\n<&>", Sender: "John", SendTime: 7}
			return &im.PullResponse{Messages: []*im.Message{m}}, nil
		},
	}
}

// FuzzRawHTTP sends arbitrary bytes to a gateway. Whatever they are, the
// connection ends, and each answer is as documented.
func FuzzRawHTTP(f *testing.F) {
	hlog.SetLevel(hlog.LevelFatal)
	klog.SetLevel(klog.LevelFatal)
	for _, seed := range rawSeeds() {
		f.Add([]byte(seed))
	}
	g := startReadyWith(f, func(c *Config) { c.ReadTimeout = time.Second }, checkingRPC().start(f))
	f.Fuzz(func(t *testing.T, request []byte) {
		answers := g.raw(t, string(request))
		if len(answers) == 0 && len(request) > 3 {
			t.Error("no answer")
		}
		for _, answer := range answers {
			if err := answer.check(strings.Contains(string(request), "HEAD ")); err != nil {
				t.Errorf("%v: %d %v %q", err, answer.status, answer.header, answer.body)
			}
		}
	})
}

// rawSeeds returns requests of many kinds, good and bad.
func rawSeeds() []string {
	const (
		host = " HTTP/1.1\r\nHost: x\r\n"
		end  = host + "\r\n"
		send = "POST /api/send" + host
		body = `{"chat":"john:doe","sender":"John","text":"hi"}`
	)
	return []string{
		"GET /ping" + end,
		"HEAD /readyz" + end + "GET /healthz" + end,
		"OPTIONS /api/send" + host + "Origin: https://a.example\r\nAccess-Control-Request-Method: POST\r\n\r\n",
		"DELETE /api/pull" + end,
		"GET /nope HTTP/1.0\r\nConnection: keep-alive\r\n\r\nGET http://y/ping?x HTTP/1.0\r\n\r\n",
		"GET /api/pull?chat=john%3Adoe&cursor=5&limit=-1&reverse=true" + end,
		"GET /api/pull/messages" + host + "Content-Length: 40\r\n\r\n" + `{"chat":"a:b","cursor":"0","limit":null}`,
		send + "Content-Length: 47\r\nIdempotency-Key: k\r\nX-Request-ID: r\r\n\r\n" + body + "GET /ping" + end,
		send + "Transfer-Encoding: chunked\r\nTrailer: A\r\n\r\n2f\r\n" + body + "\r\n0\r\nA: b\r\n\r\n",
		send + "Expect: 100-continue\r\nContent-Length: 47\r\n\r\n" + body,
		send + "Expect: 100-continue\r\nContent-Length: 131073\r\n\r\n",
		send + "Content-Length: 131073\r\n\r\n{",
		send + "Content-Length: 9\r\nContent-Length: 2\r\nTransfer-Encoding: identity\r\n\r\n{}",
		send + "Transfer-Encoding: chunked\r\n\r\nfffffffffffffff\r\n{",
		send + "Content-Type: multipart/form-data; boundary=b\r\nContent-Length: 9\r\n\r\n--b\r\n--b-",
		send + "X: a\r\n b\r\n\tc: d\r\nConnection: close\r\n\r\n",
		"GET /ping" + host + "Trailer: ,\r\n\r\n", // panics in Hertz v0.10.4
		"GET http: HTTP/1.0\r\n\r\n", // also
		"GET /ping HTTP/1.1\r\nHost : x\r\n\r\n",
		"\r\nGET /ping" + end,
		"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
		"\x16\x03\x01\x00\xa5\x01\x00\x00",
	}
}
