package load

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"testing"

	"example.com/im/idl/chat"
	"example.com/im/test/bench/message"
)

// parse reads a request as a server does, and checks that nothing is left.
func parse(t *testing.T, request []byte) (*http.Request, []byte) {
	t.Helper()
	reader := bufio.NewReader(bytes.NewReader(request))
	req, err := http.ReadRequest(reader)
	if err != nil {
		t.Fatalf("%v in %q", err, request)
	}
	body, err := io.ReadAll(req.Body)
	if err != nil || reader.Buffered() > 0 {
		t.Fatalf("%v, %d bytes left of %q", err, reader.Buffered(), request)
	}
	return req, body
}

func TestSend(t *testing.T) {
	t.Parallel()
	chats := make(map[string]bool)
	for n := range uint64(1000) {
		req, body := parse(t, Send(10)(nil, n*999_999_937))
		var m struct{ Chat, Sender, Text string }
		if err := json.Unmarshal(body, &m); err != nil || req.URL.Path != "/api/send" || req.Method != http.MethodPost {
			t.Fatalf("%v in %s %s %s", err, req.Method, req.URL, body)
		}
		name, err := chat.Parse(m.Chat)
		if err != nil || string(name) != m.Chat || m.Text != message.Text(n*999_999_937) {
			t.Fatalf("%v: chat %q is %q, text %q", err, m.Chat, name, m.Text)
		}
		if _, _, err := name.Sender(m.Sender); err != nil {
			t.Fatal(err)
		}
		chats[m.Chat] = true
	}
	if len(chats) != 10 {
		t.Errorf("%d chats; want 10", len(chats))
	}
}

func TestPulls(t *testing.T) {
	t.Parallel()
	where := func(n uint64) (int, int64) { return 7, int64(n) }
	for want, request := range map[string]Request{
		"/api/pull?chat=a0000:b&limit=20&reverse=true":          Newest(1, 20),
		"/api/pull?chat=a0007:b&cursor=12&limit=5":              Page(5, where),
		"/api/pull?chat=a0007:b&cursor=12&limit=20&wait_ms=300": Wait(300, where),
		"/api/chats?member=b&limit=20":                          Inbox("b", 20),
	} {
		req, body := parse(t, request(nil, 12))
		if req.Method != http.MethodGet || req.URL.String() != want || len(body) > 0 {
			t.Errorf("%s %s; want %s", req.Method, req.URL, want)
		}
	}
}

func TestAlternate(t *testing.T) {
	t.Parallel()
	request := Alternate(Send(1), Newest(1, 20))
	for n, want := range []string{http.MethodPost, http.MethodGet, http.MethodPost} {
		if req, _ := parse(t, request(nil, uint64(n))); req.Method != want {
			t.Errorf("request %d is %s; want %s", n, req.Method, want)
		}
	}
}

// A request with a token is the same but for its header.
func TestBearer(t *testing.T) {
	t.Parallel()
	_, want := parse(t, Send(10)(nil, 7))
	before := Send(10)(nil, 6)
	both := Bearer(Send(10), "a.b.c")(before, 7)
	req, body := parse(t, both[len(Send(10)(nil, 6)):])
	if got := req.Header.Get("Authorization"); got != "Bearer a.b.c" || !bytes.Equal(body, want) || req.URL.Path != "/api/send" {
		t.Errorf("%q, %s, %s; want %s", got, req.URL.Path, body, want)
	}
}
