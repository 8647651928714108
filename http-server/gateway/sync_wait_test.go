package gateway

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"example.com/im/http-server/rpc/rpctest"
	"example.com/im/idl/gen/im"
)

// Parts of the answer to a sync.
const (
	nothingNew = `{"messages":[],"reads":[],"has_more":false,"next_cursor":"%d"}`
	newMessage = `{"messages":[{"chat":"%s","text":"x","sender":"a","send_time":%d}],"reads":[],`
	newMark    = `{"messages":[],"reads":[{"chat":"%s","member":"b","send_time":%d}],`
)

// startGroup is startLively with a group that a is in since 2, and one that a is not in.
func startGroup(t *testing.T, change ...func(*Config)) (*testGateway, *rpctest.Lively) {
	t.Helper()
	g, rpc := startLively(t, change...)
	rpc.StoreJoined("other", "c", 1)
	rpc.StoreJoined("team", "a", 2)
	return g, rpc
}

// A member that waits is answered as soon as something happens in one of its chats.
func TestSyncWaits(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		happens func(*rpctest.Lively)
		want    string
	}{
		"a message in a chat of two": {func(r *rpctest.Lively) { r.Commit("a:b", 2, 5) }, fmt.Sprintf(newMessage, "a:b", 5)},
		"a note to oneself":          {func(r *rpctest.Lively) { r.Commit("a:a", 2, 5) }, fmt.Sprintf(newMessage, "a:a", 5)},
		"a mark in a chat of two":    {func(r *rpctest.Lively) { r.Mark("a:b", "b", 1, 2, 5) }, fmt.Sprintf(newMark, "a:b", 1)},
		"a message in a group":       {func(r *rpctest.Lively) { r.Commit("team", 2, 5) }, fmt.Sprintf(newMessage, "team", 5)},
		"a mark in a group":          {func(r *rpctest.Lively) { r.Mark("team", "b", 2, 2, 5) }, fmt.Sprintf(newMark, "team", 2)},
		"it comes into a group":      {func(r *rpctest.Lively) { r.Join("third", "a", 2, 5) }, `"added":["a"]}],"reads":[],`},
		"it leaves a group":          {func(r *rpctest.Lively) { r.Part("team", "a", 2, 5) }, `"removed":["a"]}],"reads":[],`},
		"others write": {func(r *rpctest.Lively) {
			r.Store("a:b", 5)
			r.Tell(&im.WatchResponse{Others: []*im.Span{rpctest.SpanOf("a:b", 2, 5)}})
		}, fmt.Sprintf(newMessage, "a:b", 5)},
		"others put it into a group, and write there": {func(r *rpctest.Lively) {
			r.StoreJoined("third", "a", 5)
			r.Store("third", 6)
			r.Tell(&im.WatchResponse{Others: []*im.Span{rpctest.SpanOf("third", 2, 6)}})
		}, fmt.Sprintf(newMessage, "third", 6)},
		"news are lost": {func(r *rpctest.Lively) { r.Store("a:b", 5); r.Tell(noNews) }, fmt.Sprintf(newMessage, "a:b", 5)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g, rpc := startGroup(t)
			answer := g.wait(t, "/api/sync/?member=+A&cursor=2&limit=7&wait_ms=30000", "X-Request-ID: mine", "Origin: https://example.org")
			begin := time.Now()
			tc.happens(rpc)
			r := <-answer
			rpctest.Within(t, begin, "waking the reader")
			if r.status != http.StatusOK || !strings.Contains(r.body, tc.want) {
				t.Errorf("sync: %d %s; want %s", r.status, r.body, tc.want)
			}
			if r.header.Get("X-Request-ID") != "mine" || r.header.Get("Access-Control-Allow-Origin") != "*" {
				t.Errorf("headers: %v", r.header)
			}
			if syncs := rpc.Syncs(); len(syncs) != 2 || syncs[1].Limit != 7 || syncs[1].Member != "a" || !syncs[1].GetGroups() {
				t.Errorf("the rpc-server is asked %v", syncs)
			}
			if got := g.waiting(t); got != 0 {
				t.Errorf("%d readers wait for ever", got)
			}
		})
	}
}

// What happens in chats of others wakes nobody, and a mark wakes no pull.
func TestNotConcerned(t *testing.T) {
	t.Parallel()
	g, rpc := startGroup(t)
	member, pull := g.wait(t, "/api/sync?member=a&cursor=2&wait_ms=30000"), g.wait(t, "/api/pull?chat=b:c&cursor=30&wait_ms=30000")
	before := g.wakes(t, "news")
	rpc.Commit("b:d", 2, 5)
	rpc.Commit("other", 5, 6)
	rpc.Mark("other", "c", 6, 6, 7)
	rpc.Mark("b:c", "b", 5, 7, 8)
	rpc.Join("other", "b", 8, 9)
	rpctest.Eventually(t, "the news are told", func() bool { return rpc.Latest().Position == 5 })
	if got := g.wakes(t, "news") - before; got != 0 || len(rpc.Syncs()) != 1 {
		t.Errorf("%d readers are woken for nothing; there are %d looks", got, len(rpc.Syncs()))
	}
	rpc.Commit("b:c", 9, 30)
	rpc.Commit("a:c", 30, 31)
	if r := <-pull; !strings.Contains(r.body, `"send_time":30}`) {
		t.Errorf("pull: %d %s", r.status, r.body)
	}
	if r := <-member; !strings.Contains(r.body, `"send_time":31}`) {
		t.Errorf("sync: %d %s", r.status, r.body)
	}
	if got := g.wakes(t, "news") - before; got != 2 {
		t.Errorf("%d readers are woken; want 2", got)
	}
}

// What happens after the first look and before the reader waits is not lost, although only
// the look tells the groups.
func TestHappensBetweenLookAndWait(t *testing.T) {
	t.Parallel()
	for name, happens := range map[string]func(*rpctest.Lively){
		"a message in a chat of two": func(r *rpctest.Lively) { r.Commit("a:b", 2, 5) },
		"a message in a group":       func(r *rpctest.Lively) { r.Commit("team", 2, 5) },
		"it comes into a group":      func(r *rpctest.Lively) { r.Join("third", "a", 2, 5) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g, rpc := startGroup(t)
			other := g.wait(t, "/api/pull?chat=x:y&wait_ms=30000") // so that the gateway asks for news
			rpc.SetFound(func() {
				happens(rpc)
				rpctest.Eventually(t, "the news are told", func() bool { return rpc.Latest().Position == 1 })
			})
			begin := time.Now()
			if r := g.do(t, "GET", "/api/sync?member=a&cursor=2&wait_ms=30000", ""); !strings.Contains(r.body, `"send_time":5`) {
				t.Errorf("sync: %d %s", r.status, r.body)
			}
			rpctest.Within(t, begin, "the answer")
			g.room.Drain()
			<-other
		})
	}
}

// A member that comes into a group while it waits learns what happens there from then on,
// and nothing more once it has left.
func TestGroupsOfLaterLooks(t *testing.T) {
	t.Parallel()
	g, rpc := startGroup(t)
	answer := g.wait(t, "/api/sync?member=a&cursor=90&wait_ms=30000") // so late that no look finds anything
	looked := 1
	looks := func(happens func(), want int) {
		t.Helper()
		happens()
		rpctest.Eventually(t, "the reader looks", func() bool { return len(rpc.Syncs()) == looked+want })
		looked += want
		g.awaitReaders(t, 1)
	}
	looks(func() { rpc.Join("third", "a", 2, 5) }, 1)
	looks(func() { rpc.Commit("third", 5, 6) }, 1)
	looks(func() { rpc.Part("third", "a", 6, 7) }, 1)
	rpc.Commit("third", 7, 8)
	looks(func() { rpc.Commit("team", 8, 9) }, 1)
	rpc.Commit("a:b", 9, 91)
	if r := <-answer; !strings.Contains(r.body, `"send_time":91`) || len(rpc.Syncs()) != looked+1 {
		t.Errorf("sync: %d %s, after %d looks; want %d", r.status, r.body, len(rpc.Syncs()), looked+1)
	}
}
