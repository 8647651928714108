package gateway

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"example.com/im/http-server/rpc/rpctest"
	"example.com/im/idl/gen/im"
)

// News wakes only the readers that it concerns.
func TestNewsOfOtherChats(t *testing.T) {
	t.Parallel()
	g, rpc := startLively(t)
	answer := g.wait(t, "/api/pull?chat=a:b&cursor=3&wait_ms=30000")
	before := g.wakes(t, "news")
	rpc.Commit("a:c", 0, 7)
	rpc.Commit("a:b", 0, 5)
	<-answer
	if got := g.wakes(t, "news") - before; got != 1 {
		t.Errorf("%d readers were woken; want 1", got)
	}
}

// A reader learns what others have written: at once if no other instance can tell.
func TestOthersNews(t *testing.T) {
	t.Parallel()
	for instances := 1; instances <= 3; instances += 2 {
		t.Run(fmt.Sprint(instances, " instances"), func(t *testing.T) {
			t.Parallel()
			g, rpcs := startFleet(t, instances)
			answer := g.wait(t, "/api/pull?chat=a:b&cursor=3&wait_ms=30000")
			store(rpcs, 5)
			begin := time.Now()
			rpcs[0].Tell(&im.WatchResponse{Others: []*im.Span{rpctest.SpanOf("a:b", 0, 5)}})
			if r := <-answer; r.body != fmt.Sprintf(arrived, 5, 6) {
				t.Errorf("pull: %d %s", r.status, r.body)
			}
			rpctest.Within(t, begin, "waking the reader")
			if got := g.wakes(t, "others"); got != 1 {
				t.Errorf("%d readers were woken; want 1", got)
			}
		})
	}
}

// Commits of an instance that the gateway knows wake nobody when another finds them: the
// instance tells of them itself, before or shortly after.
func TestOthersNewsAccountedFor(t *testing.T) {
	t.Parallel()
	g, rpcs := startFleet(t, 2)
	answer := g.wait(t, "/api/pull?chat=a:b&cursor=3&wait_ms=30000")
	awake := g.wakes(t, "lost")
	other := "b:a2" // in whatever lane
	for i := range int64(20) {
		finds := &im.WatchResponse{Others: []*im.Span{rpctest.SpanOf(other, i, i+1)}}
		if i%2 == 0 {
			rpcs[1].Tell(finds)
			rpcs[0].Commit(other, i, i+1)
		} else {
			rpcs[0].Commit(other, i, i+1)
			rpcs[1].Tell(finds)
		}
	}
	rpctest.Eventually(t, "all news are taken in", func() bool {
		return rpcs[0].Latest().Position == 20 && rpcs[1].Latest().Position == 20
	})
	store(rpcs, 5)
	rpcs[0].Commit("a:b", 0, 5)
	<-answer
	if others, lost := g.wakes(t, "others"), g.wakes(t, "lost")-awake; others+lost != 0 {
		t.Errorf("%d and %d readers were woken for nothing", others, lost)
	}
}

// What others wrote wakes a reader, although an instance has written in its lane since:
// what came before that is not the instance's.
func TestOthersNewsBeforeOwn(t *testing.T) {
	t.Parallel()
	g, rpcs := startFleet(t, 2)
	answer := g.wait(t, "/api/pull?chat=a:b&cursor=3&wait_ms=30000")
	store(rpcs, 5) // by others, and then another chat of the lane by ours
	rpcs[0].Tell(&im.WatchResponse{Own: []*im.Span{rpctest.SpanOf("a:b", 5, 6)}, Others: []*im.Span{rpctest.SpanOf("a:b", 0, 5)}})
	if r := <-answer; r.body != fmt.Sprintf(arrived, 5, 6) {
		t.Errorf("pull: %d %s", r.status, r.body)
	}
}

// When an instance was started again, or a new one comes, all readers pull.
func TestNewsLost(t *testing.T) {
	t.Parallel()
	rpc, second := rpctest.NewLively(), rpctest.NewLively()
	address, another := rpc.Start(t), second.Start(t)
	r := rpctest.NewRegistry(address)
	g := startGateway(t, r)
	for i, lose := range []func(){rpc.Restart, func() { r.Set(address, another) }} {
		cursor := int64(10 * (i + 1))
		answer := g.wait(t, fmt.Sprintf("/api/pull?chat=a:b&cursor=%d&wait_ms=30000", cursor))
		rpctest.Eventually(t, "a source works", func() bool { return g.metric(t, "im_http_feeds") > 0 })
		store([]*rpctest.Lively{rpc, second}, cursor+5)
		lose()
		if r := <-answer; r.body != fmt.Sprintf(arrived, cursor+5, cursor+6) {
			t.Errorf("pull: %d %s", r.status, r.body)
		}
	}
}

// An instance that fails is asked again, ever more rarely. What it has to tell meanwhile
// is not lost. One that has left is not asked.
func TestSourceFails(t *testing.T) {
	t.Parallel()
	g, rpcs := startFleet(t, 1)
	answer := g.wait(t, "/api/pull?chat=a:b&cursor=3&wait_ms=30000")
	rpcs[0].Fail(true)
	g.settled(t, 0)
	before, _ := rpcs[0].Counts()
	time.Sleep(2 * time.Second) // the length of the test
	if after, _ := rpcs[0].Counts(); after-before > 20 || after == before {
		t.Errorf("it is asked %d times in 2 s", after-before)
	}
	rpcs[0].Commit("a:b", 0, 5)
	rpcs[0].Fail(false)
	if r := <-answer; r.body != fmt.Sprintf(arrived, 5, 6) {
		t.Errorf("pull: %d %s", r.status, r.body)
	}
}

// A busy instance is asked at most 200 times a second, and none while nobody waits.
func TestPaceOfSources(t *testing.T) {
	t.Parallel()
	g, rpc := startLively(t)
	rpctest.Eventually(t, "the last call is over", func() bool { return rpc.Watching() == 0 })
	before, _ := rpc.Counts()
	rpc.Commit("a:c", 0, 1)
	time.Sleep(300 * time.Millisecond) // in which nobody is to ask
	if after, _ := rpc.Counts(); after != before {
		t.Errorf("nobody waits, and it is asked %d times", after-before)
	}
	answer := g.wait(t, "/api/pull?chat=a:b&cursor=3&wait_ms=30000")
	begin := time.Now()
	for i := range int64(500) {
		rpc.Commit("a:c", i, i+1)
		time.Sleep(time.Millisecond) // the load
	}
	took := time.Since(begin)
	asked, _ := rpc.Counts()
	if most := int(took/(5*time.Millisecond)) + 2; asked-before > most || asked-before < 10 {
		t.Errorf("it is asked %d times in %v; want at most %d", asked-before, took, most)
	}
	rpc.Restart()
	rpc.Commit("a:b", 500, 505)
	if r := <-answer; r.status != http.StatusOK {
		t.Errorf("pull: %d %s", r.status, r.body)
	}
}

// Of many instances two find what others write. When one of them fails, another does.
func TestFinders(t *testing.T) {
	t.Parallel()
	g, rpcs := startFleet(t, 4)
	answer := g.wait(t, "/api/pull?chat=a:b&cursor=3&wait_ms=30000")
	finding := func() (n int) {
		for _, r := range rpcs {
			if r.Latest().GetOthers() {
				n++
			}
		}
		return n
	}
	rpctest.Eventually(t, "two find", func() bool { return finding() == 2 })
	for _, r := range rpcs {
		if r.Latest().GetOthers() {
			r.Fail(true)
			rpctest.Eventually(t, "it fails", func() bool { return g.metric(t, "im_http_feeds") == 3 })
			break
		}
	}
	rpctest.Eventually(t, "another finds", func() bool { return finding() == 3 }) // the failing one is asked to, too
	g.room.Drain()
	<-answer
}
