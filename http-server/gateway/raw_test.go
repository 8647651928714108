package gateway

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

// rawLimit bounds the time until a connection whose client has sent all it has
// to say is answered and closed.
const rawLimit = 10 * time.Second

// raw sends bytes, and no more, and returns the answers until the gateway hangs up.
func (g *testGateway) raw(t testing.TB, request string) []reply {
	t.Helper()
	conn, err := net.Dial("tcp", g.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(rawLimit))
	if _, err := io.WriteString(conn, request); err == nil { // else it has hung up
		_ = conn.(*net.TCPConn).CloseWrite()
	}
	text, err := io.ReadAll(conn)
	if err != nil {
		t.Fatalf("after %q: %v", text, err)
	}
	answers, err := parseAnswers(text)
	if err != nil {
		t.Fatalf("answers %q: %v", text, err)
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

// parseAnswers parses what a connection was answered, "100 Continue" left out.
// An answer without its body is taken for that to a HEAD.
func parseAnswers(text []byte) ([]reply, error) {
	var answers []reply
	for len(text) > 0 {
		head, rest, _ := bytes.Cut(text, []byte("\r\n\r\n"))
		request := &http.Request{Method: http.MethodHead}
		if bytes.HasPrefix(rest, []byte("{")) {
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

// check says in what an answer is not as the API documents it. The fault of the
// client, which must be the cause, is never one of the 500s.
func (r reply) check(toHead bool) error {
	id := r.header.Get(requestIDHeader)
	hasBody := r.status != http.StatusNoContent && (!toHead || r.body != "")
	switch {
	case !isVisibleASCII(id) || len(id) > maxRequestIDBytes:
		return fmt.Errorf("X-Request-ID is %q", id)
	case hasBody && r.header.Get("Content-Type") != "application/json":
		return fmt.Errorf("Content-Type is %q", r.header.Get("Content-Type"))
	case r.status >= http.StatusInternalServerError:
		return errors.New("it says that the client is not at fault")
	case r.status == http.StatusOK && hasBody:
		return checkSuccess(r.body)
	case r.status >= http.StatusBadRequest && hasBody:
		return checkFailure(r, id)
	case hasBody:
		return errors.New("no such status is documented")
	}
	return nil
}

// checkSuccess says in what the body of a 200 is none of those documented.
func checkSuccess(body string) error {
	for _, v := range []any{
		&struct {
			Chat     *string `json:"chat"`
			SendTime *int64  `json:"send_time"`
		}{},
		&struct {
			Messages   *[]json.RawMessage `json:"messages"`
			HasMore    *bool              `json:"has_more"`
			NextCursor *int64             `json:"next_cursor"`
		}{},
		&struct {
			Chats      *[]json.RawMessage `json:"chats"`
			HasMore    *bool              `json:"has_more"`
			NextCursor *string            `json:"next_cursor"`
		}{},
		&struct{ Message, Status string }{}, // of a health check
	} {
		if strictly(body, v) == nil && !strings.Contains(body, "null") {
			return nil
		}
	}
	return errors.New("no such body is documented")
}

// checkFailure says in what an error is not of the documented form.
func checkFailure(r reply, id string) error {
	var e errorReply
	if err := strictly(r.body, &e); err != nil {
		return err
	}
	switch {
	case statuses[e.Error.Code] != r.status:
		return fmt.Errorf("code %s does not go with the status", e.Error.Code)
	case e.Error.RequestID != id:
		return fmt.Errorf("X-Request-ID is %q", id)
	case !utf8.ValidString(r.body) || e.Error.Message == "":
		return errors.New("the message is no text")
	case e.Error.Code == invalidArgument && !strings.Contains(e.Error.Message, ": "):
		return errors.New("the message names no field and rule")
	case e.Error.Code == methodNotAllowed && r.header.Get("Allow") == "":
		return errors.New("it does not say which methods there are")
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
