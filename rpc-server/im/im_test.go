package im_test

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/cloudwego/kitex/client"

	"example.com/im/idl/chat"
	"example.com/im/idl/gen/im"
	service "example.com/im/rpc-server/im"
	"example.com/im/rpc-server/store/storetest"
)

func TestSendAndPull(t *testing.T) {
	t.Parallel()
	c := dial(t, start(t, config(t)))
	var times []int64
	for _, text := range []string{"one", "two", "three"} {
		resp := send(t, c, &im.Message{Chat: " John:doe", Sender: " John ", Text: text, SendTime: 7})
		if resp.Code != im.Code_OK || resp.GetChat() != "doe:john" || resp.GetSendTime() < time.Now().Add(-time.Minute).UnixMicro() {
			t.Fatalf("Send = %v", resp)
		}
		times = append(times, resp.GetSendTime())
	}
	page := pull(t, c, &im.PullRequest{Chat: "DOE:JOHN", Limit: 2})
	want := []*im.Message{
		{Chat: "doe:john", Sender: "John", Text: "one", SendTime: times[0]},
		{Chat: "doe:john", Sender: "John", Text: "two", SendTime: times[1]},
	}
	if fmt.Sprint(page.Messages) != fmt.Sprint(want) || !page.GetHasMore() || page.GetNextCursor() != times[2] {
		t.Errorf("Pull = %v; want %v, and more at %d", page, want, times[2])
	}
	reverse := true
	page = pull(t, c, &im.PullRequest{Chat: "doe:john", Reverse: &reverse})
	if len(page.Messages) != 3 || page.Messages[0].Text != "three" || page.GetHasMore() {
		t.Errorf("reverse Pull = %v", page)
	}
	page = pull(t, c, &im.PullRequest{Chat: "nobody:here"})
	if page.Code != im.Code_OK || !page.IsSetMessages() || len(page.Messages) != 0 {
		t.Errorf("Pull of an empty chat = %v; want no messages, and OK", page)
	}
}

func TestInvalidArguments(t *testing.T) {
	t.Parallel()
	c := dial(t, start(t, config(t)))
	for want, m := range map[string]*im.Message{
		"chat: must be written":  {Chat: " ", Sender: "john", Text: "x"},
		"sender: must be one of": {Chat: "john:doe", Sender: "ann", Text: "x"},
		"text: must not be":      {Chat: "john:doe", Sender: "doe"},
		"text: must be at most":  {Chat: "john:doe", Sender: "doe", Text: strings.Repeat("x", chat.MaxTextBytes+1)},
	} {
		resp := send(t, c, m)
		if resp.Code != im.Code_INVALID_ARGUMENT || !strings.HasPrefix(resp.Msg, want) || resp.IsSetSendTime() {
			t.Errorf("Send = %v; want INVALID_ARGUMENT, %s", resp, want)
		}
	}
	for want, req := range map[string]*im.PullRequest{
		"chat: ":                       {Chat: "::"},
		"cursor: must not be negative": {Chat: "a:b", Cursor: -1},
		"limit: must not be negative":  {Chat: "a:b", Limit: -1},
	} {
		resp := pull(t, c, req)
		if resp.Code != im.Code_INVALID_ARGUMENT || !strings.HasPrefix(resp.Msg, want) || resp.IsSetMessages() {
			t.Errorf("Pull = %v; want INVALID_ARGUMENT, %s", resp, want)
		}
	}
}

// The caller's deadline ends its wait in the service, which answers in time.
func TestDeadlineIsTheCallers(t *testing.T) {
	t.Parallel()
	cfg := config(t)
	addr := start(t, cfg)
	release := storetest.Hold(t, cfg.Store)
	c := dial(t, addr, client.WithRPCTimeout(2*time.Second))
	for range 2 { // in the batch, and in the queue behind it
		resp := send(t, c, &im.Message{Chat: "a:b", Sender: "a", Text: "x"})
		if resp.Code != im.Code_TIMEOUT && resp.Code != im.Code_UNAVAILABLE {
			t.Errorf("Send = %v; want TIMEOUT or UNAVAILABLE", resp)
		}
	}
	release()
}

// An instance whose clock is far ahead would push every later time ahead.
func TestClockFarAhead(t *testing.T) {
	t.Parallel()
	cfg := config(t)
	cfg.Now = func() time.Time { return time.Now().Add(2 * time.Minute) }
	c := dial(t, start(t, cfg))
	if resp := health(t, c); resp.Code != im.Code_UNAVAILABLE || !strings.Contains(resp.Msg, "clock") {
		t.Errorf("Health = %v; want UNAVAILABLE for its clock", resp)
	}
	if !strings.Contains(scrape(t, cfg), "im_ready 0") {
		t.Error("the metrics do not say that it is not ready")
	}
	if resp := send(t, c, &im.Message{Chat: "a:b", Sender: "a", Text: "x"}); resp.Code != im.Code_UNAVAILABLE {
		t.Errorf("Send = %v; want UNAVAILABLE", resp)
	}
	if page := pull(t, c, &im.PullRequest{Chat: "a:b"}); page.Code != im.Code_OK || len(page.Messages) != 0 {
		t.Errorf("Pull = %v; want an empty page", page)
	}
}

// A stop finishes accepted calls, refuses later ones, and is no error.
func TestStopDrains(t *testing.T) {
	t.Parallel()
	cfg := config(t)
	server, c, stop, stopped := startToStop(t, cfg)

	release := storetest.Hold(t, cfg.Store)
	inFlight := make(chan *im.SendResponse, 1)
	go func() { inFlight <- send(t, c, &im.Message{Chat: "a:b", Sender: "a", Text: "x"}) }()
	storetest.Await(t, func() bool { return strings.Contains(scrape(t, cfg), `im_commit_conflicts_total 1`) })
	stop()
	storetest.Await(t, func() bool { return server.Ready(t.Context()) != nil })
	release()
	if resp := <-inFlight; resp.Code != im.Code_OK {
		t.Errorf("the call in flight = %v; want OK", resp)
	}
	if err := <-stopped; err != nil {
		t.Errorf("Run = %v", err)
	}
}

func TestStopAtOnce(t *testing.T) {
	t.Parallel()
	server, err := service.Listen(config(t))
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	stop()
	if err := server.Run(ctx); err != nil {
		t.Errorf("Run = %v", err)
	}
}

func TestListenRefuses(t *testing.T) {
	t.Parallel()
	cfg := config(t)
	cfg.Addr = start(t, config(t))
	if _, err := service.Listen(cfg); err == nil || !strings.Contains(err.Error(), "in use") {
		t.Errorf("Listen = %v; want address in use", err)
	}
	cfg = config(t)
	cfg.Advertise = "no-port"
	if _, err := service.Listen(cfg); err == nil {
		t.Error("Listen takes an advertised address without a port")
	}
}

func TestCheckHealth(t *testing.T) {
	t.Parallel()
	if err := service.CheckHealth(t.Context(), service.Settings{Addr: start(t, config(t))}); err != nil {
		t.Errorf("CheckHealth = %v", err)
	}
	if err := service.CheckHealth(t.Context(), service.Settings{Addr: "127.0.0.1:1"}); err == nil {
		t.Error("CheckHealth of nothing is nil")
	}
}

// A defect is internal: its text goes to the log, under the caller's request id.
func TestDefectsStayInside(t *testing.T) {
	t.Parallel()
	cfg := config(t)
	log := &buffer{}
	cfg.Log = slog.New(slog.NewJSONHandler(log, nil))
	c := dial(t, start(t, cfg))
	if _, err := cfg.Store.DB().Exec("ALTER TABLE messages RENAME TO gone"); err != nil {
		t.Fatal(err)
	}
	if resp := pull(t, c, &im.PullRequest{Chat: "a:b"}); resp.Code != im.Code_INTERNAL || resp.Msg != "internal error" {
		t.Errorf("Pull = %v; want INTERNAL and no more", resp)
	}
	if !strings.Contains(log.String(), "no such table") {
		t.Errorf("log = %s; want the reason", log.String())
	}
}

func TestMetrics(t *testing.T) {
	t.Parallel()
	cfg := config(t)
	c := dial(t, start(t, cfg))
	send(t, c, &im.Message{Chat: "a:b", Sender: "a", Text: "x"})
	send(t, c, &im.Message{Chat: "a:b", Sender: "c", Text: "x"})
	pull(t, c, &im.PullRequest{Chat: "a:b"})
	pull(t, c, &im.PullRequest{Chat: "a:b"})
	got := scrape(t, cfg)
	for _, want := range []string{
		`im_rpc_requests_total{code="ok",method="Send"} 1`,
		`im_rpc_requests_total{code="invalid_argument",method="Send"} 1`,
		`im_batch_messages_count 1`,
		`im_commit_duration_seconds_count{outcome="stored"} 1`,
		`im_commit_duration_seconds_count{outcome="unknown"} 0`,
		`im_queue_waiting 0`,
		`im_ready 1`,
		`im_shed_total{reason="max_connections"} 0`,
		`im_shed_total{reason="queue_full"} 0`,
		`go_build_info{`,
		`im_pulls_total{source="load"} 1`,
		`im_pulls_total{source="memory"} 1`,
		`im_pulls_total{source="index"} 0`,
		`im_lane_reads_total 1`,
		`im_lanes_forgotten_total 0`,
		`im_tail_chats 1`,
		`go_sql_open_connections{db_name="im"}`,
	} {
		if !strings.Contains(got, want) {
			t.Errorf("metrics lack %s", want)
		}
	}
}
