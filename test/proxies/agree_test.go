package proxies

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"slices"
	"testing"
	"time"

	"example.com/im/http-server/http1/http1test"
	"example.com/im/test/stack/stacktest"
)

// patience is for how long a connection may take. It exceeds the time for which a proxy
// waits for a client.
const patience = 20 * time.Second

// mostPicky is how many cases a proxy may refuse that servers should tolerate. nginx 1.22
// wants no tabs around a coding, HAProxy 2.6 no URL of another host and no UTF-8.
const mostPicky = 4

// The gateway handles exactly the requests that a proxy answers, whatever a client sends.
// After each case another client's request gets its own answer.
func TestProxiesAgree(t *testing.T) {
	for name, start := range map[string]func(*testing.T, string) string{"nginx": startNginx, "HAProxy": startHAProxy} {
		t.Run(name, func(t *testing.T) {
			cfg := stacktest.Config(t)
			cfg.Hosts.Allowed = []string{"localhost", "[::1]", "127.0.0.1", "gateway"} // nginx calls it by the upstream's name
			s, _ := stacktest.StartWith(t, cfg)
			gateway := s.Addr().String()
			proxy := start(t, gateway)
			picky := 0
			for i, tc := range http1test.Cases() {
				got := answers(t, proxy, http1test.Number(tc.Request+http1test.Last(), i))
				if handled := stored(t, gateway, i); !slices.Equal(got, handled) {
					t.Errorf("%s: the proxy answered %v, the gateway handled %v", tc.Name, got, handled)
				}
				for range 2 {
					other := fmt.Sprintf("o%03d:x", i)
					if got := answers(t, proxy, send(other)); !slices.Equal(got, []string{other}) {
						t.Fatalf("%s: after it %s is answered %v", tc.Name, other, got)
					}
				}
				if !tc.Refused && len(got) == 0 {
					t.Logf("%s: the proxy refuses it", tc.Name)
					picky++
				}
			}
			if picky > mostPicky {
				t.Errorf("the proxy refuses %d cases that servers should tolerate; want at most %d", picky, mostPicky)
			}
		})
	}
}

// send returns a request that stores a message.
func send(chat string) string {
	body := `{"chat":"` + chat + `","sender":"x","text":"t"}`
	return fmt.Sprintf("POST /api/send HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: %d\r\n\r\n%s", len(body), body)
}

// answers sends bytes, and returns the chats of the sends that are answered 200.
func answers(t *testing.T, addr, request string) (chats []string) {
	t.Helper()
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	_ = conn.SetDeadline(time.Now().Add(patience))
	_, _ = io.WriteString(conn, request) // the proxy may hang up before the end
	text, err := io.ReadAll(conn)
	if len(text) == 0 && err != nil {
		t.Fatalf("no answer to %.200q: %v", request, err)
	}
	for r := bufio.NewReader(bytes.NewReader(text)); ; {
		resp, err := http.ReadResponse(r, nil)
		if err != nil {
			return chats
		}
		var sent struct{ Chat string }
		body, err := io.ReadAll(resp.Body)
		if err == nil && resp.StatusCode == http.StatusOK && json.Unmarshal(body, &sent) == nil {
			chats = append(chats, sent.Chat)
		}
	}
}

// stored returns the chats of case i that have a message, each as often as it has one.
func stored(t *testing.T, gateway string, i int) (chats []string) {
	t.Helper()
	client := http.Client{Timeout: patience}
	defer client.CloseIdleConnections()
	for _, kind := range []string{"s", "h", "l"} {
		chat := fmt.Sprintf("%s%03d:x", kind, i)
		resp, err := client.Get("http://" + gateway + "/api/pull?chat=" + url.QueryEscape(chat))
		if err != nil {
			t.Fatal(err)
		}
		var page struct{ Messages []struct{ Chat string } }
		err = json.NewDecoder(resp.Body).Decode(&page)
		_ = resp.Body.Close()
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range page.Messages {
			chats = append(chats, m.Chat)
		}
	}
	return chats
}
