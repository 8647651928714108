package im_test

import (
	"bytes"
	"errors"
	"io"
	"net"
	"os"
	"runtime/metrics"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/cloudwego/gopkg/protocol/thrift"
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

// alarm is the log of Kitex. It keeps what tells of a panic.
type alarm struct {
	mu   sync.Mutex
	text string
}

// Write looks at a line.
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

// target is a service that is sent bad input.
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

// FuzzRawThrift sends arbitrary bytes to the service. Whatever they are, it goes
// on, and holds no more memory than they need.
func FuzzRawThrift(f *testing.F) {
	for _, seed := range wireSeeds() {
		f.Add(seed)
	}
	s := startTarget(f)
	f.Fuzz(func(t *testing.T, input []byte) {
		before := allocated()
		conn, err := net.Dial("tcp", s.addr)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = conn.Close() }()
		_ = conn.SetDeadline(time.Now().Add(endTime))
		if _, err = conn.Write(input); err == nil { // else it has hung up
			_ = conn.(*net.TCPConn).CloseWrite()
		}
		if _, err = io.Copy(io.Discard, conn); errors.Is(err, os.ErrDeadlineExceeded) {
			t.Fatal("the service does not notice that the client has left")
		}
		s.check(t, before)
	})
}

// FuzzThriftCall calls the methods with arbitrary fields. It is answered
// whatever they are, and bad input is no defect of the service.
func FuzzThriftCall(f *testing.F) {
	for _, seed := range callSeeds() {
		f.Add(seed.method, seed.arguments)
	}
	s := startTarget(f)
	var conn net.Conn
	f.Fuzz(func(t *testing.T, method string, arguments []byte) {
		if method == "" || len(method) > 64 {
			t.Skip("the server hangs up")
		}
		if len(arguments) == 0 {
			t.Skip("Kitex takes a frame without arguments for one whose length is not known, and waits")
		}
		if conn == nil {
			var err error
			if conn, err = net.Dial("tcp", s.addr); err != nil {
				t.Fatal(err)
			}
		}
		before := allocated()
		_ = conn.SetDeadline(time.Now().Add(endTime))
		_, err := conn.Write(framed(wireMessage(method, call, arguments)))
		if err != nil {
			t.Fatal(err)
		}
		a, err := readAnswer(conn)
		if a.kind != reply { // Kitex hangs up
			_ = conn.Close()
			conn = nil
		}
		if err != nil {
			t.Fatalf("answer: %v", err)
		}
		if err := a.check(method); err != nil {
			t.Errorf("answer %q: %v", a.fields, err)
		}
		if method == "Send" && a.kind == reply {
			s.checkStored(t, arguments, a.fields)
		}
		s.check(t, before)
	})
}

// checkStored fails the test if a message that was acknowledged as new is not
// the last of its chat, as it was sent.
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

// check says in what an answer is not as it must be to bad input.
func (a answer) check(method string) error {
	if a.kind == exception {
		e := thrift.NewApplicationException(0, "")
		if _, err := e.FastRead(a.fields); err != nil {
			return err
		}
		if e.TypeId() == thrift.INTERNAL_ERROR || strings.Contains(e.Error(), "panic") {
			return e
		}
		return nil
	}
	var code im.Code
	switch method {
	case "Send":
		result := im.NewIMServiceSendResult()
		if _, err := result.FastRead(a.fields); err != nil {
			return err
		}
		code = result.GetSuccess().GetCode()
	case "Pull":
		result := im.NewIMServicePullResult()
		if _, err := result.FastRead(a.fields); err != nil {
			return err
		}
		code = result.GetSuccess().GetCode()
	}
	if code != im.Code_OK && code != im.Code_INVALID_ARGUMENT && code != im.Code_KEY_REUSED {
		return errors.New(code.String())
	}
	return nil
}
