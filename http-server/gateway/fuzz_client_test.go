package gateway

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"example.com/im/http-server/request"
)

// fuzzClient makes requests one after another on one connection. Their parts may be
// anything.
type fuzzClient struct {
	g      *testGateway
	conn   net.Conn
	reader *bufio.Reader
}

// do makes a request, and checks its answer against the contract. It leaves out a key or
// id of "".
func (c *fuzzClient) do(t *testing.T, method, target, key, id, body string) reply {
	t.Helper()
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n", method, target, len(body))
	for name, value := range map[string]string{request.KeyHeader: key, request.IDHeader: id} {
		if value != "" {
			fmt.Fprintf(&b, "%s: %s\r\n", name, value)
		}
	}
	b.WriteString("\r\n" + body)
	if c.conn == nil {
		conn, err := net.Dial("tcp", c.g.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		c.conn, c.reader = conn, bufio.NewReader(conn)
	}
	r, err := c.exchange(b.String())
	if err != nil || r.closes {
		_ = c.conn.Close()
		c.conn = nil
	}
	if err == nil {
		err = r.check(method, target)
	}
	if err != nil {
		t.Fatalf("%v: answer = %+v", err, r)
	}
	r.wantFault(t)
	return r
}

// wantFault checks that an answer that is an error blames the client: if a request is
// arbitrary, nothing else can be the cause.
func (r reply) wantFault(t *testing.T) {
	t.Helper()
	if r.status >= http.StatusInternalServerError {
		t.Errorf("answer = %+v; it says that the client is not at fault", r)
	}
}

// exchange sends a request and reads the answer.
func (c *fuzzClient) exchange(request string) (reply, error) {
	_ = c.conn.SetDeadline(time.Now().Add(rawLimit))
	if _, err := io.WriteString(c.conn, request); err != nil {
		return reply{}, err
	}
	resp, err := http.ReadResponse(c.reader, nil)
	if err != nil {
		return reply{}, err
	}
	body, err := io.ReadAll(resp.Body)
	return reply{resp.StatusCode, resp.Header, string(body), resp.Close}, err
}

// field returns the field that an error's message names.
func (r reply) field(t *testing.T) string {
	t.Helper()
	var e errorBody
	if err := strictly(r.body, &e); err != nil {
		t.Fatal(err)
	}
	field, _, found := strings.Cut(e.Error.Message, ": ")
	if !found {
		t.Errorf("answer = %s; it names no field", r.body)
	}
	return field
}

// saneID is an id that the gateway takes from a caller: 1 to 128 visible ASCII characters.
var saneID = regexp.MustCompile(`^[!-~]{1,128}$`)

// checkRequestID checks that an answer has the id of its request if that is a
// sane one, and only then.
func checkRequestID(t *testing.T, r reply, id string) {
	t.Helper()
	id = strings.Trim(id, whitespace)
	sane := saneID.MatchString(id)
	if got := r.header.Get(request.IDHeader); (got == id) != sane {
		t.Errorf("X-Request-ID = %q to %q", got, id)
	}
}

// whitespace is what may stand around the value of a header (RFC 9110, section 5.6.3).
const whitespace = " \t"

// isHeaderValue reports whether a header may have the value s.
func isHeaderValue(s string) bool {
	return len(s) < maxHeaderBytes/4 && !strings.ContainsFunc(s, func(r rune) bool { return r < ' ' && r != '\t' || r == 0x7f })
}

// visible returns s with what a request line cannot hold as percent escapes.
func visible(s string) string {
	var b strings.Builder
	for _, c := range []byte(s[:min(len(s), maxHeaderBytes/4)]) {
		if c <= ' ' || c > '~' || c == '#' {
			fmt.Fprintf(&b, "%%%02x", c)
			continue
		}
		b.WriteByte(c)
	}
	return b.String()
}

// quote returns s as a JSON string. It escapes only what JSON asks for, and keeps bytes
// that are not UTF-8 although JSON forbids them.
func quote(s string) string {
	b := []byte{'"'}
	for _, c := range []byte(s) {
		switch {
		case c < ' ':
			b = fmt.Appendf(b, `\u%04x`, c)
		case c == '"' || c == '\\':
			b = append(b, '\\', c)
		default:
			b = append(b, c)
		}
	}
	return string(append(b, '"'))
}
