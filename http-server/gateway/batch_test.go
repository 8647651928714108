package gateway

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"example.com/im/idl/gen/im"
)

// aSend returns a send with a text.
func aSend(text string) *im.SendRequest {
	return &im.SendRequest{Message: &im.Message{Chat: "a:b", Text: text, Sender: "a"}}
}

// newBatcher returns a batcher whose trails lead to the address of their lane.
func newBatcher(call func(t *trail, timeout time.Duration, sends []*im.SendRequest) (*im.SendAllResponse, error)) *batcher {
	return &batcher{
		call:   call,
		target: func(t *trail) string { return fmt.Sprint(t.lane) },
		ready:  make(map[batchKey][]*parcel),
	}
}

// Each send gets its own answer, however many share a call, and no call has sends
// that go elsewhere.
func TestSendsShareCalls(t *testing.T) {
	t.Parallel()
	const sends, lanes = 2000, 3
	var mu sync.Mutex
	calls, carried := 0, 0
	b := newBatcher(func(tr *trail, _ time.Duration, sends []*im.SendRequest) (*im.SendAllResponse, error) {
		mu.Lock()
		calls, carried = calls+1, carried+len(sends)
		mu.Unlock()
		resp := new(im.SendAllResponse)
		for _, s := range sends {
			var lane int
			if _, err := fmt.Sscanf(s.Message.Text, "%d/", &lane); err != nil || lane != tr.lane {
				t.Errorf("%q goes to %d", s.Message.Text, tr.lane)
			}
			resp.Answers = append(resp.Answers, &im.SendResponse{Chat: &s.Message.Text})
		}
		return resp, nil
	})
	var wg sync.WaitGroup
	for i := range sends {
		wg.Go(func() {
			text := fmt.Sprintf("%d/%d", i%lanes, i)
			answer, err := b.do(attempt{trail: &trail{lane: i % lanes}, share: time.Second}, aSend(text))
			if err != nil || answer.GetChat() != text {
				t.Errorf("%s: answer = %v, %v", text, answer, err)
			}
		})
	}
	wg.Wait()
	if carried != sends || calls >= sends {
		t.Errorf("%d sends in %d calls; want each of %d once, and fewer calls", carried, calls, sends)
	}
}

// What fails, fails for all who share it, and each knows where it was tried.
func TestSharedCallFails(t *testing.T) {
	t.Parallel()
	broken := errors.New("broken")
	for name, test := range map[string]struct {
		resp *im.SendAllResponse
		err  error
		want error
	}{
		"no answer":       {nil, broken, broken},
		"refused whole":   {&im.SendAllResponse{Code: im.Code_UNAVAILABLE, Msg: "away"}, nil, &apiError{}},
		"too few answers": {&im.SendAllResponse{}, nil, errAnswers},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBatcher(func(tr *trail, timeout time.Duration, _ []*im.SendRequest) (*im.SendAllResponse, error) {
				tr.mu.Lock()
				defer tr.mu.Unlock()
				tr.tried = append(tr.tried, "somewhere")
				if timeout != time.Second {
					t.Errorf("time-out = %v; want the shortest", timeout)
				}
				return test.resp, test.err
			})
			parcels := make([]*parcel, 2)
			for i := range parcels {
				parcels[i] = &parcel{
					send: aSend("x"), answered: make(chan struct{}),
					attempt: attempt{trail: new(trail), share: time.Duration(2-i) * time.Second},
				}
			}
			b.deliver(parcels)
			for i, p := range parcels {
				<-p.answered
				if !errors.Is(p.err, test.want) && !errors.As(p.err, new(*apiError)) {
					t.Errorf("send %d: %v; want %v", i, p.err, test.want)
				}
				if !slices.Equal(p.attempt.trail.again().avoid, []string{"somewhere"}) {
					t.Errorf("send %d does not know where it was tried", i)
				}
			}
		})
	}
}

// A call keeps to what an rpc-server takes; a send that is too long goes alone.
func TestCallsAreBounded(t *testing.T) {
	t.Parallel()
	parcels := func(n, length int) []*parcel {
		return slices.Repeat([]*parcel{{send: aSend(strings.Repeat("x", length))}}, n)
	}
	for _, test := range []struct{ n, length, want int }{
		{1, 1, 1}, {512, 1, 512}, {513, 1, 512}, {1, 120 << 10, 1}, {2, 120 << 10, 1}, {20, 16 << 10, 7},
	} {
		if got := fit(parcels(test.n, test.length)); got != test.want {
			t.Errorf("%d sends of %d bytes: %d in a call; want %d", test.n, test.length, got, test.want)
		}
	}
}
