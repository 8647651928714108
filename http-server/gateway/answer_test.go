package gateway

import (
	"context"
	"net/http"
	"testing"

	"example.com/im/http-server/rpc/rpctest"
	"example.com/im/idl/gen/im"
)

// echoing serves an rpc-server that stores each message for the pulls.
func echoing(t *testing.T) string {
	t.Helper()
	stored := make(chan *im.Message, 1)
	stored <- &im.Message{}
	return (&rpctest.Fake{
		OnSend: func(_ context.Context, m *im.Message) (*im.SendResponse, error) {
			<-stored
			stored <- m
			at := int64(1795503862320344)
			m.SendTime = at
			return &im.SendResponse{SendTime: &at}, nil
		},
		OnPull: func(_ context.Context, req *im.PullRequest) (*im.PullResponse, error) {
			more, next := true, req.Cursor+1
			m := <-stored
			stored <- m
			return &im.PullResponse{Messages: []*im.Message{m}, HasMore: &more, NextCursor: &next}, nil
		},
	}).Start(t)
}

func TestSendAndPull(t *testing.T) {
	t.Parallel()
	g := startReady(t, echoing(t))
	r := g.do(t, "POST", "/api/send", `{"chat":" John : DOE ","text":"<a & b>\n","sender":"John"}`)
	if want := `{"chat":"doe:john","send_time":1795503862320344}`; r.status != http.StatusOK || r.body != want {
		t.Errorf("send: %d %s; want %s", r.status, r.body, want)
	}
	want := `{"messages":[{"chat":"doe:john","text":"<a & b>\n","sender":"John","send_time":1795503862320344}],` +
		`"has_more":true,"next_cursor":8}`
	for _, path := range []string{"/api/pull", "/api/pull/messages"} {
		for query, body := range map[string]string{"?chat=john:doe&cursor=7": "", "": `{"chat":"john:doe","cursor":7}`} {
			r := g.do(t, "GET", path+query, body, "Content-Type: application/x-www-form-urlencoded")
			if r.status != http.StatusOK || r.body != want {
				t.Errorf("%s: %d %s; want %s", path, r.status, r.body, want)
			}
			if got := r.header.Get("Content-Type") + r.header.Get("Cache-Control"); got != "application/jsonno-store" {
				t.Errorf("%s: Content-Type and Cache-Control = %s", path, got)
			}
		}
	}
}

func TestEmptyPage(t *testing.T) {
	t.Parallel()
	g := startReady(t, (&rpctest.Fake{}).Start(t))
	r := g.do(t, "GET", "/api/pull?chat=a:b", "")
	if want := `{"messages":[],"has_more":false,"next_cursor":0}`; r.status != http.StatusOK || r.body != want {
		t.Errorf("pull: %d %s; want %s", r.status, r.body, want)
	}
}

// A browser does not take a text that looks like a page for one.
func TestAnswersAreNotSniffed(t *testing.T) {
	t.Parallel()
	g := startReady(t, (&rpctest.Fake{}).Start(t))
	for _, path := range []string{"/ping", "/api/pull?chat=a:b", "/api/pull?chat=<script>", "/nope"} {
		if got := g.do(t, "GET", path, "").header.Get("X-Content-Type-Options"); got != "nosniff" {
			t.Errorf("%s: X-Content-Type-Options = %q", path, got)
		}
	}
}
