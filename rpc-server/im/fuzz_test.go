package im_test

import (
	"errors"
	"io"
	"net"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/cloudwego/gopkg/protocol/thrift"

	"example.com/im/idl/gen/im"
)

// FuzzRawThrift sends arbitrary bytes to the service. Whatever they are, the service
// goes on, and holds no more memory than they need.
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

// FuzzThriftCall calls the methods with arbitrary fields. The service answers whatever
// they are, and bad input is no defect of the service.
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

// check says how an answer to bad input is not as it must be.
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
	code, err := a.code(method)
	if err != nil {
		return err
	}
	if code != im.Code_OK && code != im.Code_INVALID_ARGUMENT && code != im.Code_KEY_REUSED {
		return errors.New(code.String())
	}
	return nil
}

// code returns the code of the answer to a call of method.
func (a answer) code(method string) (im.Code, error) {
	switch method {
	case "Send":
		result := im.NewIMServiceSendResult()
		_, err := result.FastRead(a.fields)
		return result.GetSuccess().GetCode(), err
	case "SendAll":
		result := im.NewIMServiceSendAllResult()
		_, err := result.FastRead(a.fields)
		return result.GetSuccess().GetCode(), err
	case "Pull":
		result := im.NewIMServicePullResult()
		_, err := result.FastRead(a.fields)
		return result.GetSuccess().GetCode(), err
	case "PullAll":
		result := im.NewIMServicePullAllResult()
		_, err := result.FastRead(a.fields)
		return result.GetSuccess().GetCode(), err
	case "Chats":
		result := im.NewIMServiceChatsResult()
		_, err := result.FastRead(a.fields)
		return result.GetSuccess().GetCode(), err
	}
	return im.Code_OK, nil
}
