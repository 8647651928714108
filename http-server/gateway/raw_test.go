package gateway

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"example.com/im/http-server/fault"
	"example.com/im/http-server/openapi/openapitest"
	"example.com/im/http-server/request"
)

// rawLimit bounds the time from a client's last byte until its connection is answered and
// closed.
const rawLimit = 10 * time.Second

// raw sends bytes, and no more. It returns the answers until the gateway hangs up, and
// checks each against the contract.
func (g *testGateway) raw(t testing.TB, request string) []reply {
	t.Helper()
	return g.write(t, request, len(request))
}

// trickle is raw, but sends each byte in a packet of its own.
func (g *testGateway) trickle(t testing.TB, request string) []reply {
	t.Helper()
	return g.write(t, request, 1)
}

// write is raw, in packets of some size.
func (g *testGateway) write(t testing.TB, request string, size int) []reply {
	t.Helper()
	conn := g.connect(t)
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(rawLimit))
	var err error
	for rest := request; err == nil && rest != ""; rest = rest[min(size, len(rest)):] {
		_, err = io.WriteString(conn, rest[:min(size, len(rest))])
	}
	if err == nil { // else it has hung up
		_ = conn.CloseWrite()
	}
	text, err := io.ReadAll(conn)
	if err != nil {
		t.Fatalf("after %q: %v", text, err)
	}
	answers, err := parseAnswers(text)
	if err != nil {
		t.Fatalf("answers %q: %v", text, err)
	}
	method := ""
	if strings.Contains(request, "HEAD ") {
		method = http.MethodHead
	}
	for _, answer := range answers {
		if err := answer.check(method, ""); err != nil {
			t.Errorf("%v: %d %v %q", err, answer.status, answer.header, answer.body)
		}
	}
	return answers
}

// rawOne sends bytes that have one answer, and returns it.
func (g *testGateway) rawOne(t testing.TB, request string) reply {
	t.Helper()
	answers := g.raw(t, request)
	if len(answers) != 1 {
		t.Fatalf("answers = %v; want one", answers)
	}
	return answers[0]
}

// hasRoom reports whether a further connection is served.
func (g *testGateway) hasRoom(t *testing.T) bool {
	t.Helper()
	c, err := g.tryConnect()
	if err != nil {
		return false
	}
	defer c.Close()
	_ = c.SetDeadline(time.Now().Add(rawLimit))
	if _, err := io.WriteString(c, "GET /ping HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"); err != nil {
		return false
	}
	answer, _ := io.ReadAll(c)
	return len(answer) > 0
}

// parseAnswers parses what a connection was answered, "100 Continue" left out.
// An answer without its body is taken for that to a HEAD.
func parseAnswers(text []byte) ([]reply, error) {
	var answers []reply
	for len(text) > 0 {
		head, rest, _ := bytes.Cut(text, []byte("\r\n\r\n"))
		request := &http.Request{Method: http.MethodHead}
		if len(rest) > 0 && !bytes.HasPrefix(rest, []byte("HTTP/")) {
			request.Method = http.MethodGet
		}
		resp, err := http.ReadResponse(bufio.NewReader(bytes.NewReader(text)), request)
		if err != nil {
			return nil, err
		}
		body, err := io.ReadAll(resp.Body)
		if err != nil {
			return nil, err
		}
		if resp.StatusCode != http.StatusContinue {
			answers = append(answers, reply{resp.StatusCode, resp.Header, string(body), resp.Close})
		}
		text = text[len(head)+len("\r\n\r\n")+len(body):]
	}
	return answers, nil
}

// errorBody is the body of every error, as clients read it.
type errorBody struct {
	Error struct {
		Code      fault.Code `json:"code"`
		Message   string     `json:"message"`
		RequestID string     `json:"request_id"`
	} `json:"error"`
}

// check returns an error that says in what an answer breaks the contract. Method and
// path are the request's. A path of "" stands for an unknown request; then a method of
// HEAD says that there may be no body.
func (r reply) check(method, path string) error {
	contract, err := openapitest.Ours()
	if err != nil {
		return err
	}
	answer := openapitest.Answer{Status: r.status, Header: r.header, Body: []byte(r.body)}
	if path == "" {
		err = contract.CheckAny(method == http.MethodHead && r.body == "", answer)
	} else {
		path, _, _ = strings.Cut(path, "?")
		err = contract.Check(method, path, answer)
	}
	if err != nil || r.status < http.StatusBadRequest || r.body == "" {
		return err
	}
	var e errorBody
	err = strictly(r.body, &e)
	switch id := r.header.Get(request.IDHeader); {
	case err != nil:
		return err
	case e.Error.RequestID != id:
		return fmt.Errorf("X-Request-ID is %q", id)
	case !utf8.ValidString(r.body):
		return errors.New("it is not UTF-8")
	}
	return nil
}

// strictly parses one JSON value that has no field that v lacks.
func strictly(text string, v any) error {
	d := json.NewDecoder(strings.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(v); err != nil {
		return err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return errors.New("something follows the JSON value")
	}
	return nil
}
