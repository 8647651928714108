package im_test

import (
	"encoding/base64"
	"fmt"
	"strings"
	"testing"

	"example.com/im/idl/gen/im"
	"example.com/im/idl/gen/im/imservice"
	"example.com/im/rpc-server/store/storetest"
)

func chats(t *testing.T, c imservice.Client, req *im.ChatsRequest) *im.ChatsResponse {
	t.Helper()
	resp, err := c.Chats(t.Context(), req)
	if err != nil {
		t.Fatalf("Chats: %v", err)
	}
	return resp
}

// A member's chats come page by page, on any instance at once.
func TestChats(t *testing.T) {
	t.Parallel()
	path := storetest.SQLite(t)
	cfg, another := config(t), config(t)
	cfg.Store, another.Store = storetest.Open(t, path), storetest.Open(t, path)
	c, elsewhere := dial(t, start(t, cfg)), dial(t, start(t, another))
	for _, m := range []*im.Message{
		{Chat: "john:john", Sender: "John", Text: "notes"},
		{Chat: "Doe:John", Sender: "Doe", Text: "one"},
		{Chat: "ann:john", Sender: "ann", Text: "two"},
		{Chat: "ann:doe", Sender: "ann", Text: "three"},
		{Chat: "doe:john", Sender: "JOHN", Text: "four"},
	} {
		if resp := send(t, c, m); resp.Code != im.Code_OK {
			t.Fatalf("Send = %v", resp)
		}
	}
	var got []string
	cursor := ""
	for {
		page := chats(t, elsewhere, &im.ChatsRequest{Member: "  John ", Cursor: &cursor, Limit: 2})
		for _, m := range page.LastMessages {
			got = append(got, fmt.Sprintf("%s %s: %s", m.Chat, m.Sender, m.Text))
		}
		if cursor = page.GetNextCursor(); page.Code != im.Code_OK || page.GetHasMore() != (cursor != "") {
			t.Fatalf("Chats = %v", page)
		}
		if cursor == "" {
			break
		}
	}
	want := "[doe:john JOHN: four ann:john ann: two john:john John: notes]"
	if fmt.Sprint(got) != want {
		t.Errorf("chats = %s; want %s", got, want)
	}
	page := chats(t, c, &im.ChatsRequest{Member: "nobody"})
	if page.Code != im.Code_OK || !page.IsSetLastMessages() || len(page.LastMessages) != 0 || page.GetHasMore() || page.GetNextCursor() != "" {
		t.Errorf("Chats of nobody = %v; want none, and OK", page)
	}
	metrics := scrape(t, cfg)
	if want := `im_rpc_requests_total{code="ok",method="Chats"} 1`; !strings.Contains(metrics, want) {
		t.Errorf("metrics lack %s", want)
	}
}

func TestChatsRefuses(t *testing.T) {
	t.Parallel()
	c := dial(t, start(t, config(t)))
	encode := func(b string) string { return base64.RawURLEncoding.EncodeToString([]byte(b)) }
	const noCursor = "cursor: must be the next_cursor of another page"
	for name, tc := range map[string]struct {
		member, cursor string
		limit          int32
		want           string
	}{
		"a chat":                     {"a:b", "", 0, "member: a member's name must not contain a colon"},
		"limit":                      {"a", "", -1, "limit: must not be negative"},
		"a number":                   {"a", "1795503862320344", 0, noCursor},
		"not base64":                 {"a", "\u00e9", 0, noCursor},
		"padded":                     {"a", encode("\x01\x00\x00\x00\x00\x00\x00\x00\x01a:bc") + "=", 0, noCursor},
		"another version":            {"a", encode("\x02\x00\x00\x00\x00\x00\x00\x00\x01a:b"), 0, noCursor},
		"cut off":                    {"a", encode("\x01\x00\x00\x00\x00\x00\x00\x00"), 0, noCursor},
		"without a chat":             {"a", encode("\x01\x00\x00\x00\x00\x00\x00\x00\x01"), 0, noCursor},
		"with a name that is none":   {"a", encode("\x01\x00\x00\x00\x00\x00\x00\x00\x01b:a"), 0, noCursor},
		"with a time that is none":   {"a", encode("\x01\x00\x00\x00\x00\x00\x00\x00\x00a:b"), 0, noCursor},
		"with a negative time":       {"a", encode("\x01\xff\x00\x00\x00\x00\x00\x00\x00a:b"), 0, noCursor},
		"with bits that say nothing": {"a", encode("\x01\x00\x00\x00\x00\x00\x00\x00\x01a:bc")[:17] + "x", 0, noCursor},
	} {
		resp := chats(t, c, &im.ChatsRequest{Member: tc.member, Cursor: &tc.cursor, Limit: tc.limit})
		if resp.Code != im.Code_INVALID_ARGUMENT || !strings.HasPrefix(resp.Msg, tc.want) || resp.IsSetLastMessages() {
			t.Errorf("%s: Chats = %v; want INVALID_ARGUMENT, %s", name, resp, tc.want)
		}
	}
}

// An error inside has the code that it has for pulls.
func TestChatsFails(t *testing.T) {
	t.Parallel()
	cfg := config(t)
	c := dial(t, start(t, cfg))
	if _, err := cfg.Store.DB().Exec("DROP TABLE members"); err != nil {
		t.Fatal(err)
	}
	if resp := chats(t, c, &im.ChatsRequest{Member: "a"}); resp.Code != im.Code_INTERNAL || resp.Msg != "internal error" {
		t.Errorf("without its table: Chats = %v; want INTERNAL and no more", resp)
	}
}
