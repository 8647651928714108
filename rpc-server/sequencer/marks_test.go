package sequencer_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"example.com/im/idl/chat"
	"example.com/im/rpc-server/sequencer"
	"example.com/im/rpc-server/store"
	"example.com/im/rpc-server/store/storetest"
)

// Read marks that wait hold up no message that comes after them, and are stored beside
// messages, a few at a time.
func TestMarksWaitApart(t *testing.T) {
	t.Parallel()
	const marks = 300
	st := storetest.Open(t, storetest.SQLite(t))
	commits := make(chan sequencer.Commit, 1000)
	s := run(t, st, sequencer.Config{Settings: settings, End: func(c sequencer.Commit) { commits <- c }})
	var add []string
	for i := range chat.MaxChangeNames {
		add = append(add, fmt.Sprint("m", i))
	}
	made := store.NewChange(add, nil)
	first := &store.Send{Message: store.Message{Chat: "g", Sender: "m0"}, Member: "m0", Wanted: &made}
	if err := s.Send(t.Context(), first); err != nil {
		t.Fatal(err)
	}
	release := storetest.Hold(t, st)
	held := send(t.Context(), s, message("a:b", "held"))
	<-commits // of the change
	<-commits // a conflict
	var outcomes []<-chan error
	for i := range marks {
		mark := &store.Send{Message: store.Message{Chat: "g"}, Member: fmt.Sprint("m", i%chat.MaxChangeNames), ReadUpTo: first.SendTime}
		outcomes = append(outcomes, send(t.Context(), s, mark))
	}
	storetest.Await(t, func() bool { return s.Waiting() == marks })
	late := send(t.Context(), s, message("a:b", "late"))
	storetest.Await(t, func() bool { return s.Waiting() == marks+1 })
	release()
	for _, outcome := range append(outcomes, held, late) {
		if err := <-outcome; err != nil {
			t.Error(err)
		}
	}
	for c := range commits {
		if errors.Is(c.Err, store.ErrConflict) || len(c.Sends) == 1 {
			continue
		}
		if c.Sends[0].Text != "late" || len(c.Sends) != 33 {
			t.Errorf("the batch after the held message has %d sends, of which the first is %+v; want the late message and 32 marks", len(c.Sends), c.Sends[0].Message)
		}
		break
	}
}

// A mark keeps what it is through the tries of a batch, also where it stands nowhere.
func TestMarkInATriedBatch(t *testing.T) {
	t.Parallel()
	s, proxy, direct := throughProxy(t)
	if err := s.Send(t.Context(), message("a:b", "one")); err != nil {
		t.Fatal(err)
	}
	proxy.SetRule(storetest.On("\x03COMMIT", storetest.Cut))
	mark := &store.Send{Message: store.Message{Chat: "a:c"}, Member: "a", ReadUpTo: time.Now().UnixMicro()}
	for _, sent := range []*store.Send{mark, mark} {
		_ = s.Send(t.Context(), sent) // the outcome is not known, and it is tried again
		proxy.SetRule(nil)
	}
	if got := storetest.All(t, direct, "a:c"); len(got) != 0 || mark.Stands != 0 {
		t.Errorf("a mark has become %+v, and stands at %d", got, mark.Stands)
	}
}
