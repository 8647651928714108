package im_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	"example.com/im/idl/gen/im"
	"example.com/im/idl/gen/im/imservice"
	"example.com/im/rpc-server/store/storetest"
)

// watch asks for news, with others.
func watch(t *testing.T, c imservice.Client, since *im.WatchResponse, waitMs int32) *im.WatchResponse {
	t.Helper()
	others := true
	resp, err := c.Watch(t.Context(), &im.WatchRequest{
		Epoch: since.GetEpoch(), Position: since.GetPosition(), WaitMs: waitMs, Others: &others,
	})
	if err != nil {
		t.Fatalf("Watch: %v", err)
	}
	return resp
}

// News of a commit is there before its caller is answered.
func TestWatch(t *testing.T) {
	t.Parallel()
	c := dial(t, start(t, config(t)))
	first := watch(t, c, &im.WatchResponse{}, 2_000)
	if first.Code != im.Code_OK || !first.GetLost() || first.GetEpoch() == 0 {
		t.Fatalf("the first Watch = %v", first)
	}
	sent := send(t, c, &im.Message{Chat: "b:a", Sender: "a", Text: "x"})
	got := watch(t, c, first, 0)
	if !slices.Equal(got.Chats, []string{"a:b"}) || len(got.Own) != 1 || got.Own[0].Upto != sent.GetSendTime() || len(got.Others) != 0 || got.GetLost() {
		t.Errorf("Watch = %v; want a:b, up to %d", got, sent.GetSendTime())
	}
	if again := watch(t, c, got, 1); again.Code != im.Code_OK || len(again.Chats) != 0 || again.GetPosition() != got.GetPosition() {
		t.Errorf("Watch = %v; want nothing new", again)
	}
	if resp := watch(t, c, got, -1); resp.Code != im.Code_INVALID_ARGUMENT || !strings.HasPrefix(resp.Msg, "wait_ms: ") {
		t.Errorf("Watch for -1 ms = %v; want INVALID_ARGUMENT", resp)
	}
}

// An instance tells of what another one on the same database commits.
func TestWatchOthers(t *testing.T) {
	t.Parallel()
	path := storetest.SQLite(t)
	cfg, another := config(t), config(t)
	cfg.Store, another.Store = storetest.Open(t, path), storetest.Open(t, path)
	c, stranger := dial(t, start(t, cfg)), dial(t, start(t, another))
	first := watch(t, c, &im.WatchResponse{}, 2_000)
	sent := send(t, stranger, &im.Message{Chat: "a:b", Sender: "a", Text: "x"})
	got := watch(t, c, first, 2_000)
	if len(got.Others) != 1 || got.Others[0].Upto != sent.GetSendTime() || len(got.Chats)+len(got.Own) != 0 {
		t.Errorf("Watch = %v; want a lane that others have moved to %d", got, sent.GetSendTime())
	}
	if text := scrape(t, cfg); !strings.Contains(text, `im_news_lane_reads_total{outcome="read"}`) {
		t.Errorf("the reads of the lanes are not counted:\n%s", text)
	}
}

// A stop releases watchers at once, because they may wait for long.
func TestStopReleasesWatchers(t *testing.T) {
	t.Parallel()
	cfg := config(t)
	_, c, stop, stopped := startToStop(t, cfg)
	first := watch(t, c, &im.WatchResponse{}, 2_000)
	answer := make(chan *im.WatchResponse)
	go func() {
		resp, _ := c.Watch(context.Background(), &im.WatchRequest{Epoch: first.GetEpoch(), Position: first.GetPosition(), WaitMs: 60_000})
		answer <- resp
	}()
	storetest.Await(t, func() bool { return strings.Contains(scrape(t, cfg), "im_watchers 1") })
	stop()
	if resp := <-answer; resp.GetCode() != im.Code_UNAVAILABLE { // who is not released is answered without an error
		t.Errorf("Watch = %v; want UNAVAILABLE", resp)
	}
	if err := <-stopped; err != nil {
		t.Errorf("Run = %v", err)
	}
}
