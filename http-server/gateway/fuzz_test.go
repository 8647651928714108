package gateway

import (
	"testing"

	"github.com/cloudwego/hertz/pkg/common/hlog"
	"github.com/cloudwego/kitex/pkg/klog"

	"example.com/im/http-server/http1/http1test"
	"example.com/im/http-server/rpc/rpctest"
)

// FuzzRawHTTP sends arbitrary bytes to a gateway. Whatever they are, the connection
// ends, and the contract allows each answer.
func FuzzRawHTTP(f *testing.F) {
	for _, seed := range rawSeeds() {
		f.Add([]byte(seed))
	}
	for _, tc := range http1test.Cases() {
		f.Add([]byte(tc.Request + http1test.Last()))
	}
	g := startFuzzed(f)
	f.Fuzz(func(t *testing.T, request []byte) {
		answers := g.raw(t, string(request))
		if len(answers) == 0 && len(request) > 3 {
			t.Error("no answer")
		}
		for _, answer := range answers {
			answer.wantFault(t)
		}
	})
}

// startFuzzed serves a gateway that logs nothing of its requests.
func startFuzzed(f *testing.F) *testGateway {
	f.Helper()
	hlog.SetLevel(hlog.LevelFatal)
	klog.SetLevel(klog.LevelFatal)
	return startReady(f, rpctest.Serve(f, rpctest.NewMemory()))
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
		"GET /" + end + "GET /page/icon.svg" + end + "GET /openapi.yaml" + end,
		"HEAD /readyz" + end + "GET /healthz" + end,
		"OPTIONS /api/send" + host + "Origin: https://a.example\r\nAccess-Control-Request-Method: POST\r\n\r\n",
		"DELETE /api/pull" + end,
		"GET /nope HTTP/1.0\r\nConnection: keep-alive\r\n\r\nGET http://y/ping?x HTTP/1.0\r\n\r\n",
		"GET /api/pull?chat=john%3Adoe&cursor=5&limit=-1&reverse=true" + end,
		"GET /api/chats?member=John&cursor=AQAGYQjDmtGYYTpi&limit=5" + end,
		"GET /api/sync?member=John&cursor=AQAGYQjDmtGYYTpi" + end + "GET /api/members?chat=team&limit=-1" + end,
		"POST /api/members" + host + "Content-Length: 37\r\n\r\n" + `{"chat":"team","by":"a","add":["b"] }` + "POST /api/read?chat=a:b&member=a" + end,
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
		"GET http: HTTP/1.0\r\n\r\n", // also, were it not refused before
		"GET /ping HTTP/1.1\r\nHost : x\r\n\r\n",
		"\r\nGET /ping" + end,
		"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
		"\x16\x03\x01\x00\xa5\x01\x00\x00",
	}
}
