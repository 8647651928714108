package answer

import (
	"fmt"
	"testing"

	"github.com/go-json-experiment/json"

	"example.com/im/idl/gen/im"
)

// Replies that write themselves write what the library would write.
func TestRepliesAreJSON(t *testing.T) {
	t.Parallel()
	for name, r := range map[string]interface{ AppendJSON([]byte) ([]byte, error) }{
		"send":       Sent{"a:b\"<&\u2028", 1795503862320344},
		"empty page": Page{NextCursor: 7},
		"page": Page{[]*im.Message{
			{Chat: "a:b", Text: "line\n\"quoted\" \\ \x01 é 👋 </script>", Sender: "A", SendTime: 1}, {Chat: "a:b", Text: "x", Sender: "b", SendTime: 2},
		}, true, -3},
	} {
		want, err := json.Marshal(r)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := r.AppendJSON([]byte("before ")); err != nil || string(got) != "before "+string(want) {
			t.Errorf("%s: %s, %v; want %s", name, got, err, want)
		}
	}
	for name, r := range map[string]interface{ AppendJSON([]byte) ([]byte, error) }{
		"send": Sent{Chat: "\xff"}, "chat": Page{Messages: []*im.Message{{Chat: "\xff"}}},
		"text": Page{Messages: []*im.Message{{Text: "\xff"}}}, "sender": Page{Messages: []*im.Message{{Sender: "\xff"}}},
	} {
		if _, err := r.AppendJSON(nil); err == nil {
			t.Errorf("%s that is not UTF-8: no error", name)
		}
	}
}

// A page of chats that writes itself writes what the library would write.
func TestChatsReplyIsJSON(t *testing.T) {
	t.Parallel()
	message := &im.Message{Chat: "a:b\"<&\u2028", Text: "line\n\"quoted\" \\ é 👋", Sender: "A", SendTime: -1}
	for name, r := range map[string]Chats{
		"empty": NewChats(&im.ChatsResponse{}),
		"one":   NewChats(&im.ChatsResponse{LastMessages: []*im.Message{message}}),
		"two": {[]Chat{
			{Chat: "a:b", LastMessage: message},
			{message.Chat, &im.Message{Added: []string{"a", "\"<\u2028"}, Removed: []string{"é"}}, new(int32(100)), new(int64(-3))},
		}, true, "x\"", new("\"")},
	} {
		want, err := json.Marshal(r)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := r.AppendJSON([]byte("before ")); err != nil || string(got) != "before "+string(want) {
			t.Errorf("%s: %s, %v; want %s", name, got, err, want)
		}
	}
	for name, r := range map[string]Chats{
		"chat":    {Chats: []Chat{{Chat: "\xff", LastMessage: message}}},
		"message": {Chats: []Chat{{Chat: "a:b", LastMessage: &im.Message{Text: "\xff"}}}},
		"cursor":  {NextCursor: "\xff"},
		"sync":    {SyncCursor: new("\xff")},
	} {
		if _, err := r.AppendJSON(nil); err == nil {
			t.Errorf("a %s that is not UTF-8: no error", name)
		}
	}
}

// Replies that write themselves write what the library would write.
func TestNewRepliesAreJSON(t *testing.T) {
	t.Parallel()
	odd, invalid := "é\"<&\u2028\x01👋", "\xff"
	type reply interface{ AppendJSON([]byte) ([]byte, error) }
	for name, r := range map[string]reply{
		"nothing new": Sync{}, "no members": NewMembers(&im.MembersResponse{}), "read": Mark{odd, odd, -1}, "change": Changed{odd, 5, 1000},
		"sync": Sync{
			[]*im.Message{{Chat: odd, Added: []string{odd, "b"}}, {Removed: []string{odd}}},
			[]*im.ReadMark{{Chat: odd, Member: odd, SendTime: 5}, {}},
			true, odd,
		},
		"members": NewMembers(&im.MembersResponse{Members: []*im.Member{{Member: odd, Read_: 5}, {}}, HasMore: new(true), NextCursor: &odd}),
	} {
		want, err := json.Marshal(r)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := r.AppendJSON([]byte("before ")); err != nil || string(got) != "before "+string(want) {
			t.Errorf("%s: %s, %v; want %s", name, got, err, want)
		}
	}
	for i, r := range []reply{
		Sync{Messages: []*im.Message{{Added: []string{invalid}}}},
		Sync{Messages: []*im.Message{{Removed: []string{invalid}}}},
		Sync{Reads: []*im.ReadMark{{Chat: invalid}}},
		Sync{Reads: []*im.ReadMark{{Member: invalid}}},
		Sync{NextCursor: invalid},
		Members{Members: []Member{{Member: invalid}}},
		Members{NextCursor: invalid},
		Mark{Chat: invalid},
		Changed{Chat: invalid},
	} {
		if _, err := r.AppendJSON(nil); err == nil {
			t.Errorf("%s that is not UTF-8: no error", fmt.Sprint(i, " ", r))
		}
	}
}
