package im_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/cloudwego/gopkg/protocol/thrift"

	"example.com/im/idl/gen/im"
)

// roundTrip sends bytes to a service and returns its framed answer.
func roundTrip(t *testing.T, addr string, input []byte) (answer, error) {
	t.Helper()
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	_ = conn.SetDeadline(time.Now().Add(endTime))
	if _, err := conn.Write(input); err != nil {
		return answer{}, err
	}
	return readAnswer(conn)
}

// Thrift does not require the argument of a method.
func TestCallsWithoutArgument(t *testing.T) {
	t.Parallel()
	addr := start(t, config(t))
	for _, method := range []string{"Send", "SendAll", "Pull", "PullAll", "Chats"} {
		a, err := roundTrip(t, addr, framed(wireMessage(method, call, []byte{tStop})))
		if err != nil {
			t.Fatal(err)
		}
		if code, err := a.code(method); err != nil || code != im.Code_INVALID_ARGUMENT || !strings.Contains(string(a.fields), "req: must be given") {
			t.Errorf("%s = %v, %v; want INVALID_ARGUMENT", method, code, err)
		}
	}
}

// Bytes that are no proper call are answered with an exception of the protocol.
func TestMalformedCalls(t *testing.T) {
	t.Parallel()
	addr := start(t, config(t))
	for name, arguments := range map[string][]byte{
		"no message":               argument(1, []byte{tStop}),
		"a type that is none":      argument(1, []byte{0xc5, 0, 9, 1, 1}),
		"a text longer than it is": argument(1, argument(1, []byte{tString, 0, 2, 0x7f, 0xff, 0xff, 0xff, 'x', tStop})),
		"no end":                   {tStruct, 0, 1},
	} {
		a, err := roundTrip(t, addr, framed(wireMessage("Send", call, arguments)))
		e := thrift.NewApplicationException(0, "")
		if err == nil {
			_, err = e.FastRead(a.fields)
		}
		if err != nil || a.kind != exception || e.TypeId() != thrift.PROTOCOL_ERROR || strings.Contains(e.Error(), "panic") {
			t.Errorf("%s: %v, %v; want PROTOCOL_ERROR", name, e, err)
		}
	}
}

// The service neither waits for what is said to be too large nor gives it memory. (No
// other test runs at the same time: it would take memory, too.)
func TestTooLargeCalls(t *testing.T) {
	addr := start(t, config(t))
	large := wireMessage("Send", call, argument(1, argument(1, append(
		append([]byte{tString, 0, 2}, binary.BigEndian.AppendUint32(nil, 1<<30)...), bytes.Repeat([]byte{'x'}, 300<<10)...))))
	for name, input := range map[string][]byte{
		"frame":               append([]byte{0x7f, 0xff, 0xff, 0xff}, large[:100]...),
		"TTHeader":            append(append([]byte{0x3f, 0xff, 0xff, 0xff}, ttheader([]byte{1, 0}, nil)[4:]...), large[:100]...),
		"not framed":          large,
		"name":                {0x80, 1, 0, call, 0x7f, 0xff, 0xff, 0xff, 'S'},
		"list":                framed(wireMessage("SendAll", call, argument(1, []byte{tList, 0, 1, tStruct, 0x7f, 0xff, 0xff, 0xff, tStop}))),
		"list of a large one": framed(wireMessage("SendAll", call, argument(1, slices.Concat([]byte{tList, 0, 1, tBool, 0, 3, 0xff, 0}, make([]byte, 0x3ff00), []byte{tStop})))),
		"name within a frame": framed([]byte{0x80, 1, 0, call, 0x7f, 0xff, 0xff, 0xff, 'S'}),
	} {
		before := allocated()
		begin := time.Now()
		a, err := roundTrip(t, addr, input)
		if took := time.Since(begin); err == nil && a.kind != exception || took > endTime/4 {
			t.Errorf("%s: answer %v, %v after %v; want it refused at once", name, a, err, took)
		}
		if n := allocated() - before; n > maxAllocated {
			t.Errorf("%s: %d bytes were allocated", name, n)
		}
	}
	text := strings.Repeat("x", 128<<10) // the gateway may send that, for the answer
	resp := send(t, dial(t, addr), &im.Message{Chat: "a:b", Sender: "a", Text: text})
	if resp.Code != im.Code_INVALID_ARGUMENT || !strings.HasPrefix(resp.Msg, "text: must be at most") {
		t.Errorf("Send = %v; want INVALID_ARGUMENT", resp)
	}
}

// The service hangs up on a client that sends call after call and never reads an
// answer, before the client has filled the memory.
func TestFlood(t *testing.T) {
	t.Parallel()
	conn, err := net.Dial("tcp", start(t, config(t)))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	_ = conn.SetDeadline(time.Now().Add(endTime))
	calls := bytes.Repeat(framed(wireMessage("Health", call, argument(1, []byte{tStop}))), 10_000)
	for sent := 0; sent < maxAllocated; {
		n, err := conn.Write(calls)
		if errors.Is(err, os.ErrDeadlineExceeded) {
			t.Fatal("the connection is still open")
		}
		if sent += n; err != nil {
			return
		}
	}
	t.Errorf("%d bytes were taken", maxAllocated)
}

// There is no gRPC at the port.
func TestNoHTTP2(t *testing.T) {
	t.Parallel()
	conn, err := net.Dial("tcp", start(t, config(t)))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	_ = conn.SetDeadline(time.Now().Add(endTime))
	if _, err := io.WriteString(conn, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\x00\x00\x00\x04\x00\x00\x00\x00\x00"); err != nil {
		t.Fatal(err)
	}
	if n, err := conn.Read(make([]byte, 1)); err == nil || errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("read %d bytes, %v; want the connection to be closed", n, err)
	}
}
