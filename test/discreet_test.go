package test

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"example.com/im/rpc-server/store/storetest"
	"example.com/im/test/process"
)

// A told is a call whose parts must be in no trace.
type told struct {
	method, path, body string
	header             []string
}

// No span says who talks with whom, what they write or how they prove who they are: of no
// call, answered or refused, wherever in it the client has put it.
func TestTracesTellNoNames(t *testing.T) {
	t.Parallel()
	ownSystem(t)
	c, collectorURL := startCollector(t)
	system := process.StartSystem(t, storetest.MySQL(t), "OTEL_EXPORTER_OTLP_ENDPOINT="+collectorURL, "OTEL_BSP_SCHEDULE_DELAY=100")
	api := newClient(t, system.URLs()...)
	chat := newChat()
	doe, john, _ := strings.Cut(chat, ":")
	group, text, key, token := "group-"+doe, "text-of-"+doe, "key-of-"+doe, "token-of-"+doe
	sent := api.send(t, chat, doe, text)
	inbox := api.inboxOf(t, "member", doe)
	for i, call := range calls(chat, group, text, key, token, inbox.SyncCursor, sent) {
		id := fmt.Sprintf("discreet-%d", i)
		api.do(t, call.method, call.path, call.body, append(call.header, "X-Request-ID", id)...)
		if strings.Contains(call.path, "wait_ms") {
			continue
		}
		c.await(t, "the trace of "+call.method+" "+call.path, func() bool {
			own, _ := c.of(id)
			return len(named(own, "http-server: ")) == 1
		}, id)
	}
	c.wantNoNames(t, []string{doe, john, text, key, token, base64.StdEncoding.EncodeToString([]byte(doe + ":" + token)), inbox.SyncCursor, fmt.Sprint(sent)})
}

// calls returns calls of each kind.
func calls(chat, group, text, key, token, cursor string, sent int64) []told {
	doe, john, _ := strings.Cut(chat, ":")
	basic := []string{"Authorization", "Basic " + base64.StdEncoding.EncodeToString([]byte(doe+":"+token))}
	one := toJSON(map[string]string{"chat": chat, "sender": doe, "text": text})
	form := url.Values{"chat": {chat}, "sender": {doe}, "text": {text}}.Encode()
	return []told{
		{http.MethodPost, "/api/send", one, []string{"Idempotency-Key", key}},
		{http.MethodPost, "/api/send", strings.Replace(one, text, text+"!", 1), []string{"Idempotency-Key", key}}, // the key is used
		{http.MethodPost, "/api/send?" + form, "", basic},
		{http.MethodGet, "/api/pull?" + query("chat", chat, "cursor", sent), "", []string{"Authorization", "Bearer " + token}},
		{http.MethodGet, "/api/pull?" + query("chat", chat, "cursor", sent+1_000_000_000, "wait_ms", 50), "", nil},
		{http.MethodGet, "/api/pull", toJSON(map[string]any{"chat": chat}), nil},
		{http.MethodGet, "/api/sync?" + query("member", doe, "cursor", cursor), "", nil},
		{http.MethodGet, "/api/sync?" + query("member", doe, "cursor", cursor, "wait_ms", 50), "", nil},
		{http.MethodGet, "/api/chats?" + query("member", doe), "", nil},
		{http.MethodPost, "/api/members", toJSON(map[string]any{"chat": group, "by": doe, "add": []string{john}}), nil},
		{http.MethodGet, "/api/members?" + query("chat", group), "", nil},
		{http.MethodPost, "/api/read", toJSON(map[string]any{"chat": chat, "member": john, "send_time": sent}), nil},
		// Refused.
		{http.MethodGet, "/api/pull?" + query("chat", "a b:"+doe), "", nil},
		{http.MethodGet, "/api/pull?" + query("chat", chat, "cursor", doe), "", nil},
		{http.MethodGet, "/api/sync?" + query("member", doe, "cursor", "x"+cursor), "", nil},
		{http.MethodPost, "/api/send", toJSON(map[string]string{"chat": chat, "sender": "not-" + doe, "text": text}), nil},
		{http.MethodPost, "/api/send", toJSON(map[string]string{"chat": "no-" + group, "sender": doe, "text": text}), nil},
		{http.MethodPost, "/api/send", `{"chat":"` + chat + `","text":"` + text, nil},
		{http.MethodDelete, "/api/send?" + form, "", nil},
		{http.MethodGet, "/api/" + chat + "/" + text, "", nil},
		{http.MethodGet, "/api/pull/" + url.PathEscape(chat) + "?" + form, "", basic},
		{strings.ToUpper(doe), "/api/send", one, nil},
		{http.MethodGet, "/ping", "", []string{
			"User-Agent", doe, "X-Forwarded-For", doe, "Referer", "http://im/?" + form, "Service-Name", doe, "Baggage", "member=" + doe,
		}},
	}
}
