package client_test

import (
	"fmt"
	"testing"

	"example.com/im/idl/client"
	"example.com/im/test/stack/stacktest"
)

// An inbox shows each chat once over its pages, with what is unread in it, and is where a
// follower begins.
func TestInbox(t *testing.T) {
	t.Parallel()
	c := client.Client{URL: stacktest.URL(t)}
	ctx := t.Context()
	for i, chat := range []string{"ann:bob", "ann:eve", "ann:bob", "ann:bob"} {
		if _, err := c.Send(ctx, client.Message{Chat: chat, Sender: chat[len("ann:"):], Text: fmt.Sprint("é", i)}); err != nil {
			t.Fatal(err)
		}
	}
	stands, err := c.MarkRead(ctx, client.ReadMark{Chat: "ann:eve", Member: "ann", SendTime: 1 << 62})
	if err != nil {
		t.Fatal(err)
	}
	first, err := c.Inbox(ctx, client.InboxQuery{Member: "Ann", Limit: 1, Preview: 2})
	if err != nil || len(first.Chats) != 1 || !first.HasMore || first.SyncCursor == "" {
		t.Fatalf("Inbox = %+v, %v", first, err)
	}
	if got := first.Chats[0]; got.Chat != "ann:bob" || got.LastMessage.Text != "é" || got.Unread != 3 || got.Read != 0 {
		t.Errorf("the newest chat is %+v", got)
	}
	second, err := c.Inbox(ctx, client.InboxQuery{Member: "Ann", Limit: 1, Cursor: first.NextCursor})
	if err != nil || len(second.Chats) != 1 || second.HasMore || second.NextCursor != "" || second.SyncCursor != "" {
		t.Fatalf("the second page = %+v, %v", second, err)
	}
	if got := second.Chats[0]; got.Chat != "ann:eve" || got.LastMessage.Text != "é1" || got.Unread != 0 || got.Read != stands.SendTime {
		t.Errorf("the other chat is %+v; it is read up to %+v", got, stands)
	}
	news, err := c.Sync(ctx, client.SyncQuery{Member: "ann", Cursor: first.SyncCursor})
	if err != nil || len(news.Messages)+len(news.Reads) != 0 || news.HasMore {
		t.Errorf("after the inbox there is %+v, %v", news, err)
	}
	whole, err := c.Sync(ctx, client.SyncQuery{Member: "ann", Limit: 3})
	if err != nil || len(whole.Messages) != 3 || !whole.HasMore {
		t.Errorf("the first three of four are %+v, %v", whole, err)
	}
}
