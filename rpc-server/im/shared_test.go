package im_test

import (
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"

	"example.com/im/idl"
	"example.com/im/idl/gen/im"
	"example.com/im/idl/gen/im/imservice"
	"example.com/im/rpc-server/store/storetest"
)

func sendAll(t *testing.T, c imservice.Client, sends ...*im.SendRequest) *im.SendAllResponse {
	t.Helper()
	resp, err := c.SendAll(t.Context(), &im.SendAllRequest{Sends: sends})
	if err != nil {
		t.Fatalf("SendAll: %v", err)
	}
	return resp
}

func pullAll(t *testing.T, c imservice.Client, pulls ...*im.PullRequest) *im.PullAllResponse {
	t.Helper()
	resp, err := c.PullAll(t.Context(), &im.PullAllRequest{Pulls: pulls})
	if err != nil {
		t.Fatalf("PullAll: %v", err)
	}
	return resp
}

// aSend returns a send to a chat.
func aSend(name, text string) *im.SendRequest {
	return &im.SendRequest{Message: &im.Message{Chat: name, Text: text, Sender: "a"}}
}

// Each request in a shared call is independent, and answers come in the call's order. A
// wrong one harms no other.
func TestSharedCalls(t *testing.T) {
	t.Parallel()
	c := dial(t, start(t, config(t)))
	const chats = 10
	var sends []*im.SendRequest
	for i := range chats {
		sends = append(sends, aSend(fmt.Sprintf("a:b%d", i), fmt.Sprint(i)))
	}
	sent := sendAll(t, c, slices.Insert(sends, 3, aSend("a:b", ""), aSend("b:c", "x"))...)
	if len(sent.Answers) != chats+2 || sent.Code != im.Code_OK {
		t.Fatalf("SendAll = %v; want %d answers", sent, chats+2)
	}
	for i, a := range sent.Answers {
		if wrong := i == 3 || i == 4; (a.Code == im.Code_INVALID_ARGUMENT) != wrong || a.IsSetSendTime() == wrong {
			t.Errorf("answer %d = %v", i, a)
		}
	}
	var pulls []*im.PullRequest
	for i := range chats {
		pulls = append(pulls, &im.PullRequest{Chat: fmt.Sprintf("A:B%d", i), Limit: 5})
	}
	pulled := pullAll(t, c, slices.Insert(pulls, 3, &im.PullRequest{Chat: "a:b1", Limit: -1}, &im.PullRequest{Chat: "a:none"})...)
	if len(pulled.Answers) != chats+2 || pulled.Code != im.Code_OK {
		t.Fatalf("PullAll = %v; want %d answers", pulled, chats+2)
	}
	if a := pulled.Answers[3]; a.Code != im.Code_INVALID_ARGUMENT || a.Msg != "limit: must not be negative" {
		t.Errorf("a pull that is wrong = %v", a)
	}
	if a := pulled.Answers[4]; a.Code != im.Code_OK || len(a.Messages) != 0 || a.NextCursor == nil {
		t.Errorf("a pull of nothing = %v", a)
	}
	for i, a := range slices.Delete(pulled.Answers, 3, 5) {
		if a.Code != im.Code_OK || len(a.Messages) != 1 || a.Messages[0].Text != fmt.Sprint(i) {
			t.Errorf("pull %d = %v", i, a)
		}
	}
}

// A call has a bound, and an empty one does no harm.
func TestSharedCallsAreBounded(t *testing.T) {
	t.Parallel()
	c := dial(t, start(t, config(t)))
	sent := sendAll(t, c, slices.Repeat([]*im.SendRequest{aSend("a:b", "x")}, idl.MaxSends+1)...)
	if sent.Code != im.Code_INVALID_ARGUMENT || sent.Msg != "sends: must be at most 512" || len(sent.Answers) != 0 {
		t.Errorf("SendAll of too many = %v", sent)
	}
	pulled := pullAll(t, c, slices.Repeat([]*im.PullRequest{{Chat: "a:b"}}, 33)...)
	if pulled.Code != im.Code_INVALID_ARGUMENT || pulled.Msg != "pulls: must be at most 16" || len(pulled.Answers) != 0 {
		t.Errorf("PullAll of too many = %v", pulled)
	}
	if page := pull(t, c, &im.PullRequest{Chat: "a:b"}); len(page.Messages) != 0 {
		t.Errorf("a call that was refused has stored %v", page)
	}
	if sent := sendAll(t, c); sent.Code != im.Code_OK || len(sent.Answers) != 0 {
		t.Errorf("SendAll of nothing = %v", sent)
	}
	if pulled := pullAll(t, c); pulled.Code != im.Code_OK || len(pulled.Answers) != 0 {
		t.Errorf("PullAll of nothing = %v", pulled)
	}
}

// By the code of a call in which no request was served, the gateway knows an instance
// that serves nobody. The log has each request under its own id.
func TestSharedCallsRefusedWhole(t *testing.T) {
	t.Parallel()
	cfg := config(t)
	log := &buffer{}
	cfg.Log = slog.New(slog.NewJSONHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	var proxy *storetest.Proxy
	proxy, cfg.Store, _ = storetest.ThroughProxy(t)
	c := dial(t, start(t, cfg))
	proxy.Refuse()
	proxy.CutAll()
	sends, pulls := []*im.SendRequest{aSend("a:b", "x"), aSend("a:c", "x")}, []*im.PullRequest{{Chat: "a:b"}, {Chat: "a:c"}}
	for i := range sends {
		sendID, pullID := fmt.Sprint("send-", i), fmt.Sprint("pull-", i)
		sends[i].RequestId, pulls[i].RequestId = &sendID, &pullID
	}
	if sent := sendAll(t, c, sends...); sent.Code != im.Code_UNAVAILABLE || sent.Msg == "" || len(sent.Answers) != 2 {
		t.Errorf("SendAll = %v; want UNAVAILABLE, and two answers", sent)
	}
	if pulled := pullAll(t, c, pulls...); pulled.Code != im.Code_UNAVAILABLE || pulled.Msg == "" || len(pulled.Answers) != 2 {
		t.Errorf("PullAll = %v; want UNAVAILABLE, and two answers", pulled)
	}
	for _, id := range []string{"send-0", "send-1", "pull-0", "pull-1"} {
		if strings.Count(log.String(), `"request_id":"`+id+`"`) != 1 {
			t.Errorf("the log does not have %s once: %s", id, log.String())
		}
	}
	sends[1] = aSend("a:b", "")
	if sent := sendAll(t, c, sends...); sent.Code != im.Code_OK || len(sent.Answers) != 2 {
		t.Errorf("SendAll with one that is wrong = %v; want OK", sent)
	}
}
