package delivery_test

import (
	"bytes"
	"context"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/cloudwego/hertz/pkg/common/hlog"
	"github.com/cloudwego/kitex/pkg/klog"

	"example.com/im/rpc-server/store/storetest"
	"example.com/im/test/delivery"
	"example.com/im/test/stack/stacktest"
)

func TestMain(m *testing.M) {
	klog.SetLevel(klog.LevelFatal)
	hlog.SetLevel(hlog.LevelFatal)
	os.Exit(storetest.Main(m))
}

// messages is for how many acknowledgements check waits.
const messages = 200

// check runs traffic through a gateway.
func check(t *testing.T, url string) *delivery.Report {
	t.Helper()
	traffic, err := delivery.Start(t.Context(), delivery.Config{
		URLs: []string{url}, Chats: 2, Senders: 8, Followers: 2, Poll: 5 * time.Millisecond, Messages: messages, Seed: 1,
	})
	if err != nil {
		t.Fatal(err)
	}
	<-traffic.Stopped()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	report, err := traffic.Finish(ctx)
	if err != nil {
		t.Fatalf("%v\n%s", err, strings.Join(traffic.Failures(), "\n"))
	}
	return report
}

// A system that keeps its promises passes.
func TestTruth(t *testing.T) {
	t.Parallel()
	report := check(t, stacktest.URL(t))
	if !report.OK() || report.Acknowledged < messages || report.Read != 2*report.Acknowledged || report.Replayed == 0 || report.Unknown != 0 {
		t.Errorf("report:\n%v", report)
	}
}

// What a gateway lies about is found, through the whole of the traffic.
func TestLies(t *testing.T) {
	t.Parallel()
	url := stacktest.URL(t)
	for name, tc := range map[string]struct {
		lie  lie
		want delivery.Kind
	}{
		"acknowledges and does not store": {
			onSend(func(r *http.Request, _ func() *answer) *answer {
				return &answer{http.StatusOK, nil, []byte(`{"chat": "` + chatOf(r) + `", "send_time": 1}`)}
			}), delivery.LostWrite,
		},
		"stores twice": {
			func(r *http.Request, forward func() *answer, may func() bool) *answer {
				if r.Method != http.MethodPost || r.Header.Get("Idempotency-Key") != "" || !may() {
					return nil
				}
				forward()
				return forward()
			}, delivery.Duplicate,
		},
		"stores and refuses": {
			onSend(func(_ *http.Request, forward func() *answer) *answer {
				forward()
				return &answer{http.StatusServiceUnavailable, http.Header{"Retry-After": {"1"}}, nil}
			}), delivery.AbortedRead,
		},
		"refuses without Retry-After": {
			onSend(func(*http.Request, func() *answer) *answer {
				return &answer{status: http.StatusServiceUnavailable}
			}), delivery.UnexpectedAnswer,
		},
		"answers with an internal error": {
			onSend(func(*http.Request, func() *answer) *answer {
				return &answer{status: http.StatusInternalServerError}
			}), delivery.UnexpectedAnswer,
		},
		"leaves a message out": {
			onPage("false", func(p *pullReply) { p.Messages = p.Messages[1:] }), delivery.PollSkip,
		},
		"leaves a message out in reverse": {
			onPage("true", func(p *pullReply) { p.Messages = append(p.Messages[:1:1], p.Messages[2:]...) }), delivery.PollSkip,
		},
		"turns a page round": {
			onPage("false", func(p *pullReply) { p.Messages[0], p.Messages[1] = p.Messages[1], p.Messages[0] }), delivery.NonMonotonicPoll,
		},
		"says that there is nothing new": {
			onPage("false", func(p *pullReply) {
				p.Messages, p.HasMore, p.NextCursor = p.Messages[:1], false, int64(p.Messages[0]["send_time"].(float64))+1
			}), delivery.StaleRead,
		},
		"changes a text": {
			onPage("false", func(p *pullReply) { p.Messages[0]["text"] = p.Messages[0]["text"].(string) + "!" }), delivery.Phantom,
		},
		"hides a chat": {
			onInbox(func(p *inboxReply) { p.Chats = p.Chats[1:] }), delivery.StaleRead,
		},
		"shows a chat twice": {
			onInbox(func(p *inboxReply) { p.Chats = append(p.Chats, p.Chats[0]) }), delivery.InboxMismatch,
		},
		"shows another chat's message": {
			onInbox(func(p *inboxReply) { p.Chats[0]["last_message"] = p.Chats[1]["last_message"] }), delivery.InboxMismatch,
		},
		"shows a message that is not the last": {
			onInbox(func(p *inboxReply) {
				m := p.Chats[0]["last_message"].(map[string]any)
				m["send_time"] = m["send_time"].(float64) - 1e6
			}), delivery.StaleRead,
		},
		"changes the text of a last message": {
			onInbox(func(p *inboxReply) { p.Chats[0]["last_message"].(map[string]any)["text"] = "0 x" }), delivery.Phantom,
		},
		"changes a time": {
			onPage("false", func(p *pullReply) { p.Messages[0]["send_time"] = p.Messages[0]["send_time"].(float64) - 1 }), delivery.Disappeared,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			report := check(t, startLiar(t, url, tc.lie))
			if report.Anomalies[tc.want] == 0 {
				t.Errorf("no %s in the report:\n%v", tc.want, report)
			}
		})
	}
}

// A gateway that forgets its readers is found, and one that does not is not.
func TestForgottenReaders(t *testing.T) {
	t.Parallel()
	url := stacktest.URL(t)
	forgets := startLiar(t, url, func(r *http.Request, forward func() *answer, _ func() bool) *answer {
		if r.URL.Query().Get("wait_ms") == "" {
			return nil
		}
		q := r.URL.Query()
		q.Set("wait_ms", "0")
		r.URL.RawQuery = q.Encode()
		a := forward()
		if !bytes.Contains(a.body, []byte(`"messages":[]`)) {
			return a
		}
		select {
		case <-time.After(3 * time.Second): // as if nothing came
		case <-r.Context().Done():
		}
		return a
	})
	for name, tc := range map[string]struct {
		url  string
		lies bool
	}{"forgets": {forgets, true}, "remembers": {url, false}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			traffic, err := delivery.Start(t.Context(), delivery.Config{
				URLs: []string{tc.url}, Chats: 1, Senders: 1, Followers: 1, Pause: 100 * time.Millisecond, Poll: 100 * time.Millisecond,
				Vigils: 8, Late: 1500 * time.Millisecond, Seed: 1,
			})
			if err != nil {
				t.Fatal(err)
			}
			time.Sleep(8 * time.Second) // the length of the traffic
			report, err := traffic.Finish(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if late := report.Anomalies[delivery.LateWakeUp]; (late > 0) != tc.lies || report.Woken == 0 {
				t.Errorf("%d late wake-ups, %d in all; want late ones: %t\n%v", late, report.Woken, tc.lies, report)
			}
		})
	}
}

func TestConfig(t *testing.T) {
	valid := delivery.Config{URLs: []string{"http://127.0.0.1:1"}, Chats: 1, Senders: 1, Followers: 1, Poll: time.Second}
	for name, mutate := range map[string]func(*delivery.Config){
		"no gateway":                    func(c *delivery.Config) { c.URLs = nil },
		"no chat":                       func(c *delivery.Config) { c.Chats = 0 },
		"fewer senders than chats":      func(c *delivery.Config) { c.Chats = 2 },
		"no follower":                   func(c *delivery.Config) { c.Followers = 0 },
		"no time between looks":         func(c *delivery.Config) { c.Poll = 0 },
		"a negative pause":              func(c *delivery.Config) { c.Pause = -1 },
		"a negative number of messages": func(c *delivery.Config) { c.Messages = -1 },
		"a negative number of vigils":   func(c *delivery.Config) { c.Vigils = -1 },
		"vigils of no length":           func(c *delivery.Config) { c.Vigils = 1 },
		"vigils longer than a request":  func(c *delivery.Config) { c.Vigils, c.Late = 1, 10*time.Second },
	} {
		t.Run(name, func(t *testing.T) {
			c := valid
			mutate(&c)
			if _, err := delivery.Start(t.Context(), c); err == nil {
				t.Error("Start accepts it")
			}
		})
	}
}
