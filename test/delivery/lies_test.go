package delivery_test

import (
	"net/http"
	"strings"
	"testing"

	"example.com/im/test/delivery"
	"example.com/im/test/stack/stacktest"
)

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
				if !strings.HasSuffix(r.URL.Path, "/send") || r.Header.Get("Idempotency-Key") != "" || !may() {
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
		t.Run(name, func(t *testing.T) { wantFound(t, url, 0, tc.lie, tc.want) })
	}
}

// wantFound checks that the checker finds what a gateway lies about.
func wantFound(t *testing.T, url string, groups int, about lie, want delivery.Kind) {
	t.Helper()
	t.Parallel()
	const runs = 8 // of which not each gives the liar an occasion
	for run := range runs {
		report := check(t, startLiar(t, url, about), groups, uint64(1+run))
		if report.Anomalies[want] > 0 {
			return
		}
		if run == runs-1 {
			t.Errorf("no %s in %d reports, of which the last is:\n%v", want, runs, report)
		}
	}
}
