package test

import (
	"fmt"
	"maps"
	"net/http"
	"strings"
	"testing"
	"time"

	"example.com/im/http-server/identity/identitytest"
	"example.com/im/rpc-server/store/storetest"
	"example.com/im/test/process"
)

// people are callers of a system that asks who they are.
type people struct {
	*client
	issuer *identitytest.Issuer
}

// as makes a call by a person's token.
func (p *people) as(t testing.TB, person, method, path, body string, header ...string) reply {
	t.Helper()
	return p.do(t, method, path, body, append(header, "Authorization", "Bearer "+p.issuer.Token(t, person))...)
}

// startAsking starts a system that asks who calls.
func startAsking(t *testing.T) (*people, *process.System) {
	t.Helper()
	ownSystem(t)
	issuer := identitytest.Start(t)
	s := process.StartSystem(t, storetest.MySQL(t), "OIDC_ISSUER="+issuer.URL, "OIDC_AUDIENCE="+identitytest.Audience)
	p := &people{newClient(t, s.URLs()...), issuer}
	process.Await(t, time.Minute, "all gateways have found the identity server", func() bool {
		for range s.Gateways {
			if p.as(t, "ann", http.MethodGet, "/api/chats", "").status != http.StatusOK {
				return false
			}
		}
		return true
	})
	return p, s
}

// everyCall are the calls of the API about a chat, by a person named; each reads or
// changes something of it.
func everyCall(chat, person string) map[string][3]string {
	get := func(path string) [3]string { return [3]string{http.MethodGet, path, ""} }
	post := func(path string, body map[string]any) [3]string {
		return [3]string{http.MethodPost, path, toJSON(body)}
	}
	return map[string][3]string{
		"pull":            get("/api/pull?" + query("chat", chat)),
		"pull that waits": get("/api/pull?" + query("chat", chat, "cursor", int64(1)<<52, "wait_ms", 20_000)),
		"older path":      get("/api/pull/messages?" + query("chat", chat)),
		"pull by a body":  {http.MethodGet, "/api/pull", toJSON(map[string]any{"chat": chat, "reverse": true})},
		"members":         get("/api/members?" + query("chat", chat)),
		"send":            post("/api/send", map[string]any{"chat": chat, "sender": person, "text": "x"}),
		"send unsigned":   post("/api/send", map[string]any{"chat": chat, "text": "x"}),
		"send by query":   {http.MethodPost, "/api/send?" + query("chat", chat, "text", "x"), ""},
		"read":            post("/api/read", map[string]any{"chat": chat, "member": person, "send_time": 1}),
		"read unsigned":   post("/api/read", map[string]any{"chat": chat, "send_time": 1}),
	}
}

// Who shows no valid token learns and changes nothing, whatever he calls.
func TestCallersWithoutToken(t *testing.T) {
	t.Parallel()
	p, _ := startAsking(t)
	calls := everyCall("ann:bob", "ann")
	calls["chats"] = [3]string{http.MethodGet, "/api/chats?member=ann", ""}
	calls["sync"] = [3]string{http.MethodGet, "/api/sync?member=ann&wait_ms=20000", ""}
	calls["change"] = [3]string{http.MethodPost, "/api/members", `{"chat": "team", "by": "ann", "add": ["bob"]}`}
	delete(calls, "send unsigned") // what is left out only a token may leave out
	delete(calls, "send by query")
	delete(calls, "read unsigned")
	expired := p.issuer.Claims("ann")
	expired["exp"] = time.Now().Add(-time.Hour).Unix()
	for name, call := range calls {
		for what, header := range map[string][]string{
			"no token": nil,
			"expired":  {"Authorization", "Bearer " + p.issuer.Sign(t, "RS256", expired)},
			"Basic":    {"Authorization", "Basic YW5uOmFubg=="},
			"a word":   {"Authorization", "Bearer ann"},
		} {
			r := p.do(t, call[0], call[1], call[2], header...)
			r.wantError(t, http.StatusUnauthorized, "unauthenticated", "Nothing was stored")
			if got := r.header.Get("WWW-Authenticate"); got != `Bearer error="invalid_token"` {
				t.Errorf("%s, %s: WWW-Authenticate = %q", name, what, got)
			}
		}
	}
	for _, open := range []string{"/ping", "/healthz", "/readyz", "/", "/openapi.yaml"} {
		if r := p.do(t, http.MethodGet, open, ""); r.status != http.StatusOK {
			t.Errorf("GET %s = %d", open, r.status)
		}
	}
	var empty page
	p.as(t, "ann", http.MethodGet, "/api/pull?chat=ann:bob", "").decode(t, http.StatusOK, &empty)
	if len(empty.Messages) != 0 {
		t.Errorf("stored: %+v", empty.Messages)
	}
}

// A caller may leave itself out, and writes its name as it likes.
func TestCallersInTheirOwnName(t *testing.T) {
	t.Parallel()
	p, _ := startAsking(t)
	sender := map[string][3]string{
		"one":   {"/api/send", `{"chat": "BOB:Ann", "text": "one"}`, "ann"},
		"two":   {"/api/send", `{"chat": "ann:bob", "text": "two", "sender": " ANN "}`, "ANN"},
		"three": {"/api/send?receiver=bob&text=three", "", "ann"},
		"four":  {"/api/send", "receiver=Bob&text=four&sender=Ann", "Ann"},
	}
	for text, call := range sender {
		p.as(t, "Ann", http.MethodPost, call[0], call[1]).sent(t)
		got := p.as(t, "bob", http.MethodGet, "/api/pull?chat=ann:bob&reverse=true&limit=1", "").page(t).Messages
		if len(got) != 1 || got[0].Text != text || got[0].Sender != call[2] {
			t.Errorf("%s: pulled %+v", text, got)
		}
	}
	for _, path := range []string{"/api/chats", "/api/chats?member=BOB", "/api/sync", "/api/sync?member=bob"} {
		r := p.as(t, "bob", http.MethodGet, path, "")
		if r.status != http.StatusOK || !strings.Contains(string(r.body), `"ann:bob"`) {
			t.Errorf("GET %s = %d %s", path, r.status, r.body)
		}
	}
	var stands mark
	p.as(t, "bob", http.MethodPost, "/api/read", `{"chat": "ann:bob", "send_time": 9000000000000000}`).decode(t, http.StatusOK, &stands)
	if stands.Member != "bob" || stands.SendTime == 0 {
		t.Errorf("stands = %+v", stands)
	}
	var made changed
	p.as(t, "Ann", http.MethodPost, "/api/members", `{"chat": "friends", "add": ["bob"]}`).decode(t, http.StatusOK, &made)
	if made.Members != 2 {
		t.Errorf("made = %+v", made)
	}
}

// Nobody acts or reads in another's name.
func TestCallersInAnothersName(t *testing.T) {
	t.Parallel()
	p, _ := startAsking(t)
	p.as(t, "ann", http.MethodPost, "/api/send", `{"chat": "ann:bob", "text": "secret"}`).sent(t)
	for name, call := range map[string][3]string{
		"sender":             {http.MethodPost, "/api/send", `{"chat": "ann:eve", "sender": "ann", "text": "x"}`},
		"sender, form":       {http.MethodPost, "/api/send", "chat=ann:eve&sender=ANN&text=x"},
		"sender, query":      {http.MethodPost, "/api/send?chat=ann:eve&sender=ann&text=x", `{"sender": "eve"}`},
		"sender of receiver": {http.MethodPost, "/api/send?sender=ann&receiver=eve&text=x", ""},
		"member of read":     {http.MethodPost, "/api/read", `{"chat": "ann:eve", "member": "ann", "send_time": 1}`},
		"chats":              {http.MethodGet, "/api/chats?member=ann", ""},
		"chats, body":        {http.MethodGet, "/api/chats", `{"member": " Ann"}`},
		"sync":               {http.MethodGet, "/api/sync?member=ann", ""},
		"sync that waits":    {http.MethodGet, "/api/sync?member=ann&wait_ms=20000", ""},
		"by":                 {http.MethodPost, "/api/members", `{"chat": "team", "by": "ann", "add": ["eve"]}`},
	} {
		t.Run(name, func(t *testing.T) {
			p.as(t, "eve", call[0], call[1], call[2]).wantError(t, http.StatusForbidden, "forbidden", "must be whom the token names")
		})
	}
	for _, chat := range []string{"ann:bob", " BOB : ann ", "ＡＮＮ:bob", "ann:nobody"} {
		for name, call := range everyCall(chat, "eve") {
			t.Run(chat+", "+name, func(t *testing.T) {
				p.as(t, "eve", call[0], call[1], call[2]).wantError(t, http.StatusForbidden, "forbidden", "only members of this chat")
			})
		}
	}
	if got := p.as(t, "bob", http.MethodGet, "/api/pull?chat=ann:bob", "").page(t).Messages; len(got) != 1 {
		t.Errorf("stored: %+v", got)
	}
}

// A group is for who is in it, at every gateway from the moment of the change. Others do
// not even learn whether there is one.
func TestCallersOfGroups(t *testing.T) {
	t.Parallel()
	p, _ := startAsking(t)
	p.as(t, "ann", http.MethodPost, "/api/members", `{"chat": "team", "add": ["bob"]}`).decode(t, http.StatusOK, &changed{})
	there, not := everyCall("Team", "eve"), everyCall("nogroup", "eve")
	maps.Copy(there, map[string][3]string{"change": {http.MethodPost, "/api/members", `{"chat": "team", "add": ["eve"]}`}})
	for name, call := range there {
		answers := make(map[string]int)
		for _, call := range [][3]string{call, not[name]} {
			if call[0] == "" {
				continue // to change a group that is not there makes it
			}
			r := p.as(t, "eve", call[0], call[1], call[2], "X-Request-ID", "one")
			r.wantError(t, http.StatusForbidden, "forbidden", "only members of this chat")
			answers[string(r.body)]++
		}
		if len(answers) != 1 {
			t.Errorf("%s: the answers tell whether there is a group: %v", name, answers)
		}
	}
	for round := range 10 {
		set := func(field string) {
			p.as(t, "ann", http.MethodPost, "/api/members", toJSON(map[string]any{"chat": "team", field: []string{"eve"}})).decode(t, http.StatusOK, &changed{})
		}
		set("add")
		for name, call := range everyCall("team", "eve") {
			if name == "pull that waits" {
				continue // nothing comes
			}
			if r := p.as(t, "eve", call[0], call[1], call[2]); r.status != http.StatusOK {
				t.Errorf("round %d, %s in the group: %d %s", round, name, r.status, r.body)
			}
		}
		set("remove")
		for _, call := range everyCall("team", "eve") {
			p.as(t, "eve", call[0], call[1], call[2]).wantError(t, http.StatusForbidden, "forbidden", "only members of this chat")
		}
	}
}

// A wait ends with the token, and with the place in the group.
func TestCallersThatWait(t *testing.T) {
	t.Parallel()
	p, s := startAsking(t)
	p.as(t, "ann", http.MethodPost, "/api/members", `{"chat": "team", "add": ["bob", "eve"]}`).decode(t, http.StatusOK, &changed{})
	latest := p.as(t, "ann", http.MethodPost, "/api/send", `{"chat": "team", "text": "hello"}`).sent(t).SendTime
	claims := p.issuer.Claims("bob")
	claims["exp"] = time.Now().Add(3 * time.Second).Unix()
	token := p.issuer.Sign(t, "ES256", claims)
	begin := time.Now()
	for _, path := range []string{"/api/pull?chat=ann:bob&wait_ms=30000", "/api/sync?cursor=" + syncCursor(t, p, "bob") + "&wait_ms=30000"} {
		r := p.do(t, http.MethodGet, path, "", "Authorization", "Bearer "+token)
		if took := time.Since(begin); r.status != http.StatusOK || took > 25*time.Second {
			t.Errorf("GET %s = %d after %s; want an empty page with the end of the token", path, r.status, took)
		}
	}

	removed := make(chan reply, 1)
	go func() {
		r, err := p.call(t.Context(), http.MethodGet, fmt.Sprintf("/api/pull?chat=team&cursor=%d&wait_ms=30000", latest+1), "",
			"Authorization", "Bearer "+p.issuer.Token(t, "eve"))
		if err != nil {
			t.Error(err)
		}
		removed <- r
	}()
	process.Await(t, time.Minute, "eve waits", func() bool { return waiting(s) == 1 })
	p.as(t, "ann", http.MethodPost, "/api/members", `{"chat": "team", "remove": ["eve"]}`).decode(t, http.StatusOK, &changed{})
	(<-removed).wantError(t, http.StatusForbidden, "forbidden", "only members of this chat")
}

// syncCursor returns the cursor after all that there is for a person.
func syncCursor(t *testing.T, p *people, person string) string {
	t.Helper()
	var inbox struct {
		Chats      []any  `json:"chats"`
		HasMore    bool   `json:"has_more"`
		NextCursor string `json:"next_cursor"`
		SyncCursor string `json:"sync_cursor"`
	}
	p.as(t, person, http.MethodGet, "/api/chats", "").decode(t, http.StatusOK, &inbox)
	return inbox.SyncCursor
}

// waiting returns how many readers wait at the gateways.
func waiting(s *process.System) (n int) {
	for _, g := range s.Gateways {
		if waits, err := g.Waiting(); err == nil {
			n += waits
		}
	}
	return n
}
