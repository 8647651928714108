package client_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"example.com/im/idl/client"
)

// Send repeats a send until it is stored, and it is stored once.
func ExampleClient_Send() {
	c := client.Client{URL: os.Getenv("IM_URL")}
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	sent, err := c.Send(ctx, client.Message{Chat: "Ann:Bob", Sender: "Ann", Text: "Shall we?"})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(sent.Chat, sent.SendTime > 0)
	// Output: ann:bob true
}

// Follow reads what is there, and then what comes.
func ExampleClient_Follow() {
	c := client.Client{URL: os.Getenv("IM_URL")}
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	if _, err := c.Send(ctx, client.Message{Chat: "john:doe", Sender: "John", Text: "Hello?"}); err != nil {
		fmt.Println(err)
	}
	for m, err := range c.Follow(ctx, "john:doe", 0) {
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Printf("%s: %s\n", m.Sender, m.Text)
		if m.Sender == "Doe" {
			return
		}
		if _, err := c.Send(ctx, client.Message{Chat: m.Chat, Sender: "Doe", Text: "Here I am."}); err != nil {
			fmt.Println(err)
		}
	}
	// Output:
	// John: Hello?
	// Doe: Here I am.
}

// A program that keeps the cursor with its work goes on where it was, and does the work of
// each message once.
func ExampleClient_FollowAll() {
	c := client.Client{URL: os.Getenv("IM_URL")}
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	for _, text := range []string{"one", "two", "three"} {
		if _, err := c.Send(ctx, client.Message{Chat: "kim:lee", Sender: "Kim", Text: text}); err != nil {
			fmt.Println(err)
		}
	}
	var stored struct { // a database has both, and changes them in one transaction
		texts  []string
		cursor string
	}
	for news, err := range c.FollowAll(ctx, "lee", stored.cursor) {
		if err != nil {
			fmt.Println(err)
			return
		}
		for _, m := range news.Messages {
			stored.texts = append(stored.texts, m.Text)
		}
		stored.cursor = news.NextCursor
		if len(stored.texts) == 3 {
			break
		}
	}
	fmt.Println(stored.texts)
	// Output: [one two three]
}

// A client that begins shows the inbox, and then follows what comes after it.
func ExampleClient_Inbox() {
	c := client.Client{URL: os.Getenv("IM_URL")}
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	last, err := c.Send(ctx, client.Message{Chat: "mia:noa", Sender: "Noa", Text: "A long story begins here"})
	if err != nil {
		fmt.Println(err)
		return
	}
	inbox, err := c.Inbox(ctx, client.InboxQuery{Member: "mia", Preview: 6})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, chat := range inbox.Chats {
		fmt.Printf("%s (%d unread): %s…\n", chat.Chat, chat.Unread, chat.LastMessage.Text)
	}
	if _, err := c.MarkRead(ctx, client.ReadMark{Chat: "mia:noa", Member: "mia", SendTime: last.SendTime}); err != nil {
		fmt.Println(err)
	}
	for news, err := range c.FollowAll(ctx, "mia", inbox.SyncCursor) {
		if err == nil {
			fmt.Println(len(news.Messages), "messages;", news.Reads[0].Member, "has read", news.Reads[0].Chat)
		}
		break
	}
	// Output:
	// mia:noa (1 unread): A long…
	// 0 messages; mia has read mia:noa
}

// The first change of a group makes it.
func ExampleClient_ChangeMembers() {
	c := client.Client{URL: os.Getenv("IM_URL")}
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	changed, err := c.ChangeMembers(ctx, client.Change{Chat: "Team", By: "Ann", Add: []string{"Bob", "Eve"}})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(changed.Chat, "has", changed.Members, "members:")
	for m, err := range c.Members(ctx, "team") {
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(m.Member)
	}
	// Output:
	// team has 3 members:
	// ann
	// bob
	// eve
}

// A refusal for good is an *Error.
func ExampleError() {
	c := client.Client{URL: os.Getenv("IM_URL")}
	_, err := c.Send(context.Background(), client.Message{Chat: "ann:bob", Sender: "Eve", Text: "Hi"})
	if refused, ok := errors.AsType[*client.Error](err); ok {
		fmt.Println(refused.Status, refused.Code, refused.Message)
	}
	// Output: 400 invalid_argument sender: must be one of the chat's two members
}
