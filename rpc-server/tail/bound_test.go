package tail_test

import (
	"fmt"
	"runtime"
	"strings"
	"testing"

	"example.com/im/idl/chat"
	"example.com/im/rpc-server/store"
)

// Memory stays within its bound, and keeps what was used last.
func TestMemoryIsBounded(t *testing.T) {
	t.Parallel()
	own, _ := twoInstances(t)
	const bound = 64 << 10
	small := newInstance(own.store, bound)
	text := strings.Repeat("x", 1000)
	small.want(t, "a:hot")
	for i := range 200 {
		name := chat.Name(fmt.Sprintf("a:b%d", i))
		small.want(t, name)
		small.commit(t, name, text)
		small.wantFrom(t, "memory", "a:hot")
		if s := small.Stats(); s.Bytes > bound {
			t.Fatalf("%d bytes in memory; want at most %d", s.Bytes, bound)
		}
		if !small.Holds(name) {
			t.Fatalf("%s is not in memory", name)
		}
	}
	if s := small.Stats(); s.Chats < 30 {
		t.Errorf("%d chats in memory; want as many as fit", s.Chats)
	}
	wantAudit(t, small)
}

// A chat that memory cannot keep is answered all the same.
func TestChatLargerThanMemory(t *testing.T) {
	t.Parallel()
	own, _ := twoInstances(t)
	tiny := newInstance(own.store, 100)
	for range 2 {
		tiny.wantFrom(t, "load", "a:b")
	}
	tiny.commit(t, "a:b", "1")
	tiny.wantFrom(t, "load", "a:b", "1")
	if s := tiny.Stats(); s.Chats != 0 || s.Bytes != 0 {
		t.Errorf("Stats = %+v; want nothing in memory", s)
	}
}

// Without memory every pull reads the index, and nothing else.
func TestNoMemory(t *testing.T) {
	t.Parallel()
	own, _ := twoInstances(t)
	none := newInstance(own.store, 0)
	none.commit(t, "a:b", "1")
	for range 2 {
		none.wantFrom(t, "index", "a:b", "1")
	}
	if s := none.Stats(); s.LaneReads != 0 || s.Chats != 0 {
		t.Errorf("Stats = %+v; want no lane read and nothing in memory", s)
	}
}

// A chat is cut before it takes much more than it was loaded with.
func TestChatIsCut(t *testing.T) {
	t.Parallel()
	for title, text := range map[string]string{"by messages": "x", "by bytes": strings.Repeat("x", chat.MaxTextBytes)} {
		t.Run(title, func(t *testing.T) {
			t.Parallel()
			own, _ := twoInstances(t)
			own.want(t, "a:b")
			most := int64(0)
			for range 40 {
				texts := make([]string, 10)
				for i := range texts {
					texts[i] = text
				}
				own.commit(t, "a:b", texts...)
				most = max(most, own.Stats().Bytes)
			}
			if !own.Holds("a:b") || most > 5<<19 || len(text) == 1 && most > 40<<10 {
				t.Errorf("a chat of small messages took up to %d bytes", most)
			}
			wantAudit(t, own)
			for _, q := range []store.Query{newest("a:b"), {Chat: "a:b", Limit: 70, Reverse: true}, {Chat: "a:b", Limit: 5}} {
				wantSame(t, own, q)
			}
		})
	}
}

// The count of bytes is about what memory takes.
func TestBytesAreCounted(t *testing.T) {
	for title, tc := range map[string]struct{ chats, messages, text int }{
		"empty chats":    {20_000, 0, 0},
		"short messages": {200, 200, 50},
		"long messages":  {20, 50, 10_000},
	} {
		t.Run(title, func(t *testing.T) {
			own, last := inMemory(t, func() {}), store.Lanes{}
			before := heap()
			for i := range tc.chats {
				name := chat.Name(fmt.Sprintf("a:b%d", i))
				own.want(t, name)
				for range tc.messages {
					m := store.Message{Chat: name, Sender: strings.Clone("sender"), Text: strings.Repeat("x", tc.text)}
					was := last[name.Lane()]
					m.SendTime, last[name.Lane()] = was+1, was+1
					sends := []*store.Send{{Message: m, LaneWas: was}}
					own.Begin(sends)
					own.End(sends, nil)
				}
			}
			taken, counted := heap()-before, own.Stats().Bytes
			if counted < taken*2/3 || counted > taken*2 {
				t.Errorf("%d bytes are counted; %d are taken", counted, taken)
			}
			runtime.KeepAlive(own)
		})
	}
}

// heap returns the bytes in use.
func heap() int64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// wantAudit compares the counts with what is in memory.
func wantAudit(t testing.TB, i *instance) {
	t.Helper()
	chats, bytes := i.Audit()
	if s := i.Stats(); s.Chats != chats || s.Bytes != bytes {
		t.Errorf("Stats = %+v; there are %d chats of %d bytes", s, chats, bytes)
	}
}
