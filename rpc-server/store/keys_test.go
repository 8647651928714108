package store_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"example.com/im/rpc-server/store"
	"example.com/im/rpc-server/store/storetest"
)

// A key is stored once, at any later time, and answers as it did at first (P4).
func TestKeyIsStoredOnce(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, open func() *store.Store) {
		first := keyed("a:b", "k", "x")
		commit(t, open(), first)
		if first.Outcome != store.Stored {
			t.Errorf("the first outcome = %v; want Stored", first.Outcome)
		}
		st := open()
		for name, tc := range map[string]struct {
			send *store.Send
			want store.Outcome
		}{
			"the same":               {keyed("a:b", "k", "x"), store.Replayed},
			"another text":           {keyed("a:b", "k", "y"), store.KeyReused},
			"another sender":         {&store.Send{Message: store.Message{Chat: "a:b", Sender: "b", Text: "x"}, Key: "k"}, store.KeyReused},
			"another split of both":  {&store.Send{Message: store.Message{Chat: "a:b", Sender: "ax", Text: ""}, Key: "k"}, store.KeyReused},
			"another chat":           {keyed("a:c", "k", "x"), store.Stored},
			"another key":            {keyed("a:b", "K", "x"), store.Stored},
			"no key, the same text":  {message("a:b", "x"), store.Stored},
			"a key with all signs":   {keyed("a:b", `'"\%_;--`, "x"), store.Stored},
			"the longest key":        {keyed("a:b", strings.Repeat("k", 128), "x"), store.Stored},
			"a key that begins so":   {keyed("a:b", strings.Repeat("k", 127), "x"), store.Stored},
			"the key with a message": {keyed("a:b", "k", "x"), store.Replayed},
		} {
			commit(t, st, tc.send)
			if tc.send.Outcome != tc.want {
				t.Errorf("%s: outcome = %v; want %v", name, tc.send.Outcome, tc.want)
			}
			if tc.want == store.Replayed && tc.send.SendTime != first.SendTime {
				t.Errorf("%s: time = %d; want the first one's %d", name, tc.send.SendTime, first.SendTime)
			}
		}
		if got := storetest.All(t, st, "a:b"); len(got) != 6 {
			t.Errorf("%d messages; want 6", len(got))
		}
	})
}

// Equal keys in one batch are settled like those of two batches.
func TestEqualKeysInABatch(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, open func() *store.Store) {
		st := open()
		batch := []*store.Send{
			keyed("a:b", "k", "x"), message("a:b", "y"), keyed("a:b", "k", "x"), keyed("a:b", "k", "z"), keyed("a:b", "l", "x"),
		}
		for range 2 { // stored first, then known
			commit(t, st, batch...)
			if batch[2].Outcome != store.Replayed || batch[2].SendTime != batch[0].SendTime || batch[3].Outcome != store.KeyReused {
				t.Errorf("batch = %v", batch)
			}
		}
		var texts []string
		for _, m := range storetest.All(t, st, "a:b") {
			texts = append(texts, m.Text)
		}
		if !slices.Equal(texts, []string{"x", "y", "x", "y"}) {
			t.Errorf("texts = %v; want x, y, x and the keyless y again", texts)
		}
	})
}

// 100 equal sends at once, on several instances: one row and 100 equal answers.
func TestEqualKeysAtOnce(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, open func() *store.Store) {
		const sends = 100
		instances := []*store.Store{open(), open(), open()}
		start := make(chan struct{})
		var wg sync.WaitGroup
		times := make([]int64, sends)
		for i := range sends {
			wg.Go(func() {
				<-start
				s := keyed("a:b", "k", "x")
				commit(t, instances[i%len(instances)], s)
				times[i] = s.SendTime
			})
		}
		close(start)
		wg.Wait()
		if got := storetest.All(t, instances[0], "a:b"); len(got) != 1 {
			t.Fatalf("%d messages; want 1", len(got))
		} else if i := slices.IndexFunc(times, func(at int64) bool { return at != got[0].SendTime }); i >= 0 {
			t.Errorf("answer %d is %d; want %d", i, times[i], got[0].SendTime)
		}
	})
}

// A known key is found by its index, not by a scan of the table.
func TestKeysAreFoundByIndex(t *testing.T) {
	t.Parallel()
	st := storetest.Open(t, storetest.Dialector(t, storetest.MySQL(t)))
	var sends []*store.Send
	for i := range store.MaxBatch {
		sends = append(sends, keyed("a:b", fmt.Sprint(i), "x"))
	}
	commit(t, st, sends...)
	execute(t, st, "ANALYZE TABLE send_keys")
	wantLookUps(t, st, 20)(store.KeysSQL(sends[:20]))
}

// A batch that failed has used no key.
func TestFailedBatchUsesNoKey(t *testing.T) {
	t.Parallel()
	st := storetest.Open(t, storetest.Dialector(t, storetest.MySQL(t)))
	err := st.Commit([]*store.Send{keyed("a:b", "k", "x"), message("a:b", strings.Repeat("x", 70_000))}, time.Now)
	if err == nil || errors.Is(err, store.ErrUnknown) {
		t.Fatalf("Commit = %v; want a refusal", err)
	}
	again := keyed("a:b", "k", "y")
	commit(t, st, again)
	if again.Outcome != store.Stored {
		t.Errorf("outcome = %v; want Stored", again.Outcome)
	}
}

// keyed returns a send with a key that is not stored yet.
func keyed(name, key, text string) *store.Send {
	s := message(name, text)
	s.Key = key
	return s
}
