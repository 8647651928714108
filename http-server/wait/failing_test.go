package wait

import (
	"errors"
	"testing"
	"time"
)

var errLook = errors.New("a look has failed")

// A reader whose look fails is woken to look again.
func TestFailedLookIsRepeated(t *testing.T) {
	t.Parallel()
	r, _ := newRoom(t, 1)
	reader := enter(t, r)
	conn, _ := accepted(t)
	if !reader.Failed(errLook) || !errors.Is(reader.Failure(), errLook) {
		t.Fatalf("it does not wait on; its failure is %v", reader.Failure())
	}
	if reader.Wait(conn); !reader.MayLook() {
		t.Error("it may not look again")
	}
	if !reader.Nothing() || reader.Failure() != nil {
		t.Errorf("it has found nothing; its failure is %v", reader.Failure())
	}
	reader.Leave()
}

// A reader does not wait on after a failure for which it has no time, or that lasts.
func TestFailureIsTheAnswer(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		wait    time.Duration
		failing time.Duration // for how long already
		drains  bool
		want    bool // it waits on
	}{
		"it has time":             {wait: time.Hour, want: true},
		"for some seconds":        {wait: time.Hour, failing: maxFailing / 2, want: true},
		"its time is nearly up":   {wait: lookPause / 2},
		"its time is up":          {wait: 0},
		"its looks fail for long": {wait: time.Hour, failing: maxFailing},
		"the gateway drains":      {wait: time.Hour, drains: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r, _ := newRoom(t, 1)
			reader, err := r.EnterPull("a:b", tc.wait)
			if err != nil {
				t.Fatal(err)
			}
			if tc.failing > 0 {
				reader.failing = time.Now().Add(-tc.failing)
			}
			if tc.drains {
				r.Drain()
			}
			if got := reader.Failed(errLook); got != tc.want {
				t.Errorf("it waits on: %t; want %t", got, tc.want)
			}
			reader.Leave()
		})
	}
}
