package im_test

import (
	"bytes"
	"os"
	"runtime/metrics"
	"sync"
	"testing"
	"time"

	"github.com/cloudwego/kitex/pkg/klog"

	"example.com/im/idl/gen/im"
	"example.com/im/idl/gen/im/imservice"
)

const (
	// maxAllocated bounds the bytes that one input may make the server allocate.
	maxAllocated = 64 << 20
	// endTime bounds the time until an input is answered or refused.
	endTime = 10 * time.Second
)

// alarm is the log of Kitex. It keeps the lines about a panic.
type alarm struct {
	mu   sync.Mutex
	text string
}

// Write keeps a line about a panic.
func (a *alarm) Write(line []byte) (int, error) {
	if bytes.Contains(line, []byte("panic")) {
		a.mu.Lock()
		defer a.mu.Unlock()
		a.text += string(line)
	}
	return len(line), nil
}

// heard returns what was kept.
func (a *alarm) heard() string {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.text
}

// target is a service that gets bad input.
type target struct {
	addr   string
	client imservice.Client
	alarm  *alarm
	inputs int
}

// startTarget runs a service for the length of a fuzz run.
func startTarget(f *testing.F) *target {
	f.Helper()
	a := &alarm{}
	klog.SetOutput(a)
	klog.SetLevel(klog.LevelWarn)
	f.Cleanup(func() {
		klog.SetLevel(klog.LevelFatal)
		klog.SetOutput(os.Stderr)
	})
	addr := start(f, config(f))
	return &target{addr: addr, client: dial(f, addr), alarm: a}
}

// check fails the test if the service has panicked, has allocated too much since
// then, or does not answer a proper call.
func (s *target) check(t *testing.T, allocatedBefore uint64) {
	t.Helper()
	if text := s.alarm.heard(); text != "" {
		t.Fatalf("panic: %s", text)
	}
	if n := allocated() - allocatedBefore; n > maxAllocated {
		t.Fatalf("%d bytes were allocated", n)
	}
	if s.inputs++; s.inputs%100 != 1 {
		return
	}
	if resp, err := s.client.Health(t.Context(), &im.HealthRequest{}); err != nil || resp.Code != im.Code_OK {
		t.Fatalf("afterwards Health = %v, %v", resp, err)
	}
}

// allocated returns the bytes that this process has ever allocated.
func allocated() uint64 {
	sample := []metrics.Sample{{Name: "/gc/heap/allocs:bytes"}}
	metrics.Read(sample)
	return sample[0].Value.Uint64()
}

// checkStored fails the test if a message was acknowledged as new, but is not the last
// of its chat as it was sent.
func (s *target) checkStored(t *testing.T, arguments, result []byte) {
	t.Helper()
	args, answered := im.NewIMServiceSendArgs(), im.NewIMServiceSendResult()
	if _, err := answered.FastRead(result); err != nil {
		t.Fatal(err)
	}
	sent := answered.GetSuccess()
	if sent.GetCode() != im.Code_OK || sent.GetReplayed() {
		return
	}
	if _, err := args.FastRead(arguments); err != nil {
		t.Fatal(err)
	}
	reverse := true
	page, err := s.client.Pull(t.Context(), &im.PullRequest{Chat: sent.GetChat(), Limit: 1, Reverse: &reverse})
	if err != nil || len(page.GetMessages()) != 1 {
		t.Fatalf("Pull = %v, %v", page, err)
	}
	if m := page.Messages[0]; m.Text != args.Req.Message.Text || m.SendTime != sent.GetSendTime() {
		t.Fatalf("pulled %q at %d; want %q at %d", m.Text, m.SendTime, args.Req.Message.Text, sent.GetSendTime())
	}
}
