package tail_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"reflect"
	"testing"
	"time"

	"example.com/im/idl/chat"
	"example.com/im/rpc-server/store"
	"example.com/im/rpc-server/store/storetest"
	"example.com/im/rpc-server/tail"
)

func TestMain(m *testing.M) { os.Exit(storetest.Main(m)) }

const limit = 16 << 20 // bytes of memory, where it does not matter

// instance is a service with a memory of its own.
type instance struct {
	*tail.Tail
	store *store.Store
}

func newInstance(st *store.Store, limit int64) *instance {
	return &instance{tail.New(st, tail.Settings{Bytes: limit}), st}
}

// twoInstances returns two instances on a fresh database.
func twoInstances(t *testing.T) (own, other *instance) {
	t.Helper()
	dialector := storetest.SQLite(t)
	st := storetest.Open(t, dialector)
	return newInstance(st, limit), newInstance(st, limit)
}

// commit stores texts in a chat with one commit, as the sequencer does.
func (i *instance) commit(t testing.TB, name chat.Name, texts ...string) {
	t.Helper()
	i.begin(t, name, texts...)(nil)
}

// begin does what commit does up to the database's answer, and returns the rest: the
// sequencer learns the outcome.
func (i *instance) begin(t testing.TB, name chat.Name, texts ...string) (end func(error)) {
	t.Helper()
	var sends []*store.Send
	for _, text := range texts {
		sends = append(sends, &store.Send{Message: store.Message{Chat: name, Sender: "a", Text: text}})
	}
	i.Begin(sends)
	commit(t, i.store, sends)
	return func(err error) { i.End(sends, err) }
}

// commit stores sends, again after conflicts.
func commit(t testing.TB, st *store.Store, sends []*store.Send) {
	t.Helper()
	err := store.ErrConflict
	for errors.Is(err, store.ErrConflict) {
		err = st.Commit(sends, time.Now)
	}
	if err != nil {
		t.Error(err)
	}
}

// newest is the most frequent pull: the newest messages of a chat.
func newest(name chat.Name) store.Query { return store.Query{Chat: name, Limit: 20, Reverse: true} }

// want pulls the newest messages of a chat and compares their texts.
func (i *instance) want(t testing.TB, name chat.Name, texts ...string) {
	t.Helper()
	page, err := i.Page(t.Context(), newest(name))
	if err != nil {
		t.Fatal(err)
	}
	wantTexts(t, page, texts...)
}

func wantTexts(t testing.TB, page store.Page, texts ...string) {
	t.Helper()
	var got []string
	for _, m := range page.Messages {
		got = append(got, m.Text)
	}
	if fmt.Sprint(got) != fmt.Sprint(texts) {
		t.Errorf("page = %v; want %v", got, texts)
	}
}

// wantFrom is want for a page that comes from one of the sources of Stats.
func (i *instance) wantFrom(t testing.TB, source string, name chat.Name, texts ...string) {
	t.Helper()
	before := i.Stats()
	i.want(t, name, texts...)
	after := i.Stats()
	got := map[string]uint64{
		"memory": after.Memory - before.Memory, "load": after.Loads - before.Loads, "index": after.Index - before.Index,
	}
	if !reflect.DeepEqual(got, withOne(source)) {
		t.Errorf("answered from %v; want one from %s", got, source)
	}
}

func withOne(source string) map[string]uint64 {
	sources := map[string]uint64{"memory": 0, "load": 0, "index": 0}
	sources[source] = 1
	return sources
}

// pulled is what became of a pull.
type pulled struct {
	page store.Page
	err  error
}

// pull pulls the newest messages of a:b in the background.
func (i *instance) pull(ctx context.Context) <-chan pulled {
	outcome := make(chan pulled, 1)
	go func() {
		page, err := i.Page(ctx, newest("a:b"))
		outcome <- pulled{page, err}
	}()
	return outcome
}

// wantPulled compares the texts of a pull in the background.
func wantPulled(t testing.TB, outcome <-chan pulled, texts ...string) {
	t.Helper()
	got := <-outcome
	if got.err != nil {
		t.Fatal(got.err)
	}
	wantTexts(t, got.page, texts...)
}

// neighbour returns another chat of the lane of a:b.
func neighbour() chat.Name {
	for n := 0; ; n++ {
		if name := chat.Name(fmt.Sprintf("a:x%d", n)); name.Lane() == chat.Name("a:b").Lane() {
			return name
		}
	}
}

// A hold stops one read at two points: the next read after a call of next.
type hold struct {
	armed         chan bool // has one token if the next read is to be held
	before, after chan bool // take a token where the read waits
	release       chan bool
}

func newHold() *hold {
	return &hold{make(chan bool, 1), make(chan bool, 1), make(chan bool, 1), make(chan bool)}
}

// next makes the next read wait before it has read, and again after.
func (h *hold) next() { h.armed <- true }

// around runs read, and holds it if next was called.
func (h *hold) around(read func()) {
	select {
	case <-h.armed:
		h.before <- true
		<-h.release
		read()
		h.after <- true
		<-h.release
	default:
		read()
	}
}

// awaitBefore waits until the held read is about to read, awaitAfter lets it read
// and waits until it has.
func (h *hold) awaitBefore() { <-h.before }
func (h *hold) awaitAfter()  { h.release <- true; <-h.after }

// goOn lets the held read go on.
func (h *hold) goOn() { h.release <- true }

// holdPages returns a hold of the page reads of i.
func (i *instance) holdPages() *hold {
	h := newHold()
	i.WrapPages(func(read tail.PageReader) tail.PageReader {
		return func(ctx context.Context, q store.Query) (page store.Page, err error) {
			h.around(func() { page, err = read(ctx, q) })
			return page, err
		}
	})
	return h
}

// holdLaneReads returns a hold of the lane reads of i.
func (i *instance) holdLaneReads() *hold {
	h := newHold()
	i.WrapLaneReads(func(read tail.LaneReader) tail.LaneReader {
		return func() (lanes store.Lanes, err error) {
			h.around(func() { lanes, err = read() })
			return lanes, err
		}
	})
	return h
}
