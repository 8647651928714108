package main

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
)

// lie returns what tells a lie in place of an answer with that body. It returns nil if
// the answer gives no occasion.
type lie func(resp *http.Response, body string) (tell func() string)

// liar is a gateway before a real one. It tells each lie at its first occasion, and one
// lie at each third occasion after that.
type liar struct {
	url  string
	lies map[string]lie

	mu        sync.Mutex
	occasions int
	told      map[string]int // how often each lie
}

// startLiar serves a liar before the gateway at base.
func startLiar(t *testing.T, base string, lies map[string]lie) *liar {
	t.Helper()
	target, err := url.Parse(base)
	if err != nil {
		t.Fatal(err)
	}
	l := &liar{lies: lies, told: map[string]int{}}
	proxy := httputil.NewSingleHostReverseProxy(target)
	proxy.ModifyResponse = l.modify
	server := httptest.NewServer(proxy)
	t.Cleanup(server.Close)
	l.url = server.URL
	return l
}

func (l *liar) modify(resp *http.Response) error {
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return err
	}
	said := l.say(resp, string(body))
	resp.Body = io.NopCloser(strings.NewReader(said))
	resp.ContentLength = int64(len(said))
	resp.Header.Set("Content-Length", strconv.Itoa(len(said)))
	return nil
}

// say returns the body of the answer, true or not.
func (l *liar) say(resp *http.Response, body string) string {
	l.mu.Lock()
	defer l.mu.Unlock()
	choice, tell := "", (func() string)(nil)
	for name, lie := range l.lies {
		if possible := lie(resp, body); possible != nil && (tell == nil || l.told[name] < l.told[choice]) {
			choice, tell = name, possible
		}
	}
	if tell == nil {
		return body
	}
	if l.occasions++; l.occasions%3 != 0 && l.told[choice] > 0 {
		return body
	}
	l.told[choice]++
	return tell()
}

// Of a service that does not keep to its contract, exactly the requests fail
// that it has answered wrongly.
func TestPlansFindLies(t *testing.T) {
	base := startSystem(t)
	for plan, lies := range map[string]map[string]lie{
		"send": {
			"another status": func(resp *http.Response, body string) func() string {
				return func() string { resp.StatusCode = http.StatusAccepted; return body }
			},
			"a chat that is not canonical": replace("/api/send", `"chat":"reader`, `"chat":"Reader`),
			"a send_time in milliseconds": func(_ *http.Response, body string) func() string {
				return func() string { return body[:len(body)-len("000}")] + "}" }
			},
		},
		"pull": {
			"a page that is not full": replace("/api/pull", `"messages":[{`, `"messages":[],"was":[{`),
			"nothing more":            replace("/api/pull", `"has_more":true`, `"has_more":false`),
			"another chat's message":  replace("/api/pull", `"chat":"reader`, `"chat":"reader0`),
		},
		"mixed": {
			"an old message as the newest": replace("reverse=true", " of ", " off "),
			"a page that skips a message":  skip(),
			"nothing new":                  replace("/api/sync", `"messages":[{`, `"messages":[],"was":[{`),
			"a whole text as a preview":    replace("/api/chats", `"text":"Hello"`, `"text":"Hello 👋"`),
			"a group of three":             replace("/api/members", `"members":2`, `"members":3`),
			"another mark":                 replace("/api/members?", `"read":1`, `"read":2`),
		},
	} {
		t.Run(plan, func(t *testing.T) {
			l := startLiar(t, base, lies)
			failed, told := 0, 0
			load(t, l.url, plan, func(r result) bool {
				for _, samples := range r.samples {
					n, _ := failures(samples)
					failed += n
				}
				return len(l.told) == len(lies)
			}, "chats=5", "limit=1")
			for name := range lies {
				if l.told[name] == 0 {
					t.Errorf("not told: %s", name)
				}
				told += l.told[name]
			}
			if failed != told {
				t.Errorf("%d requests failed; want the lies: %v", failed, l.told)
			}
		})
	}
}

// replace returns the lie that something stands in place of what is so, in
// answers to requests whose URL contains call.
func replace(call, so, something string) lie {
	return func(resp *http.Response, body string) func() string {
		if !strings.Contains(resp.Request.URL.String(), call) || !strings.Contains(body, so) {
			return nil
		}
		return func() string { return strings.Replace(body, so, something, 1) }
	}
}

// skip returns the lie that there is nothing where the page before had promised
// a message.
func skip() lie {
	promise := regexp.MustCompile(`"has_more":true,"next_cursor":(\d+)`)
	message := regexp.MustCompile(`\{[^{}]*\}`)
	promised := map[string]bool{}
	return func(resp *http.Response, body string) func() string {
		query := resp.Request.URL.Query()
		if query.Has("reverse") {
			return nil
		}
		if next := promise.FindStringSubmatch(body); next != nil {
			promised[next[1]] = true
		}
		if !promised[query.Get("cursor")] {
			return nil
		}
		return func() string { return message.ReplaceAllLiteralString(body, "") }
	}
}
