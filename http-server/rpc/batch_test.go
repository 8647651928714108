package rpc

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"example.com/im/http-server/fault"
	"example.com/im/idl/gen/im"
)

// aSend returns a send with a text.
func aSend(text string) *im.SendRequest {
	return &im.SendRequest{Message: &im.Message{Chat: "a:b", Text: text, Sender: "a"}}
}

type (
	sends  = []*im.SendRequest
	sent   = []*im.SendResponse
	ofSend = parcel[*im.SendRequest, *im.SendResponse]
)

// newBatcher returns a batcher of sends whose routes lead to the address of their
// lane.
func newBatcher(call func(*route, time.Duration, sends) (sent, error)) *batcher[*im.SendRequest, *im.SendResponse] {
	b := new(Client).newSends(func(r *route) string { return fmt.Sprint(r.lane) })
	b.call = call
	return b
}

// Each send gets its own answer, however many share a call, and no call has sends
// that go elsewhere.
func TestSendsShareCalls(t *testing.T) {
	t.Parallel()
	const all, lanes = 2000, 3
	var mu sync.Mutex
	calls, carried := 0, 0
	b := newBatcher(func(r *route, _ time.Duration, shared sends) (answers sent, err error) {
		mu.Lock()
		calls, carried = calls+1, carried+len(shared)
		mu.Unlock()
		for _, s := range shared {
			var lane int
			if _, err := fmt.Sscanf(s.Message.Text, "%d/", &lane); err != nil || lane != r.lane {
				t.Errorf("%q goes to %d", s.Message.Text, r.lane)
			}
			answers = append(answers, &im.SendResponse{Chat: &s.Message.Text})
		}
		return answers, nil
	})
	var wg sync.WaitGroup
	for i := range all {
		wg.Go(func() {
			text := fmt.Sprintf("%d/%d", i%lanes, i)
			answer, err := b.do(attempt{route: &route{lane: i % lanes}, share: time.Second}, aSend(text))
			if err != nil || answer.GetChat() != text {
				t.Errorf("%s: answer = %v, %v", text, answer, err)
			}
		})
	}
	wg.Wait()
	if carried != all || calls >= all {
		t.Errorf("%d sends in %d calls; want each of %d once, and fewer calls", carried, calls, all)
	}
}

// When a shared call fails, all its sends fail, and each knows where it was tried.
func TestSharedCallFails(t *testing.T) {
	t.Parallel()
	broken := errors.New("broken")
	b := newBatcher(func(r *route, timeout time.Duration, _ sends) (sent, error) {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.tried = append(r.tried, "somewhere")
		if timeout != time.Second {
			t.Errorf("time-out = %v; want the shortest", timeout)
		}
		return nil, broken
	})
	parcels := make([]*ofSend, 2)
	for i := range parcels {
		parcels[i] = &ofSend{
			request: aSend("x"), answered: make(chan struct{}),
			attempt: attempt{route: new(route), share: time.Duration(2-i) * time.Second},
		}
	}
	b.deliver(parcels)
	for i, p := range parcels {
		<-p.answered
		if !errors.Is(p.err, broken) {
			t.Errorf("send %d: %v; want %v", i, p.err, broken)
		}
		if !slices.Equal(p.attempt.route.again().avoid, []string{"somewhere"}) {
			t.Errorf("send %d does not know where it was tried", i)
		}
	}
}

// A response that does not answer each request is an error: that of its code, or
// errAnswers.
func TestAnswersOf(t *testing.T) {
	t.Parallel()
	refused := &im.SendAllResponse{Code: im.Code_UNAVAILABLE, Msg: "away"}
	if _, err := answersOf(refused, refused.Answers, 2); fault.Of(err).Code != fault.Unavailable {
		t.Errorf("refused whole: %v", err)
	}
	short := &im.SendAllResponse{Answers: sent{{}}}
	if _, err := answersOf(short, short.Answers, 2); !errors.Is(err, errAnswers) {
		t.Errorf("too few answers: %v; want %v", err, errAnswers)
	}
	if answers, err := answersOf(short, short.Answers, 1); err != nil || len(answers) != 1 {
		t.Errorf("one answer to one request = %v, %v", answers, err)
	}
}

// A call keeps to what an rpc-server takes; a send that is too long goes alone.
func TestCallsAreBounded(t *testing.T) {
	t.Parallel()
	parcels := func(n, length int) []*ofSend {
		return slices.Repeat([]*ofSend{{request: aSend(strings.Repeat("x", length))}}, n)
	}
	b := newBatcher(nil)
	for _, test := range []struct{ n, length, want int }{
		{1, 1, 1}, {512, 1, 512}, {513, 1, 512}, {1, 120 << 10, 1}, {2, 120 << 10, 1}, {20, 16 << 10, 7},
	} {
		if got := b.fit(parcels(test.n, test.length)); got != test.want {
			t.Errorf("%d sends of %d bytes: %d in a call; want %d", test.n, test.length, got, test.want)
		}
	}
}
