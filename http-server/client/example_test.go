package client_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"example.com/im/http-server/client"
)

// Send repeats a send until it is stored, and it is stored once.
func ExampleClient_Send() {
	c := client.Client{URL: "http://localhost:8080"}
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	sent, err := c.Send(ctx, client.Message{Chat: "Ann:Bob", Sender: "Ann", Text: "Shall we?"})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(sent.Chat, sent.SendTime) // ann:bob 1795503862320344
}

// Follow reads what is there, and then what comes.
func ExampleClient_Follow() {
	c := client.Client{URL: "http://localhost:8080"}
	ctx := context.Background()
	for m, err := range c.Follow(ctx, "john:doe", 0) {
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Printf("%s: %s\n", m.Sender, m.Text)
		if m.Text == "Hello?" {
			if _, err := c.Send(ctx, client.Message{Chat: m.Chat, Sender: "Doe", Text: "Here I am."}); err != nil {
				fmt.Println(err)
			}
		}
	}
}

// A refusal for good is an *Error.
func ExampleError() {
	c := client.Client{URL: "http://localhost:8080"}
	_, err := c.Send(context.Background(), client.Message{Chat: "ann:bob", Sender: "Eve", Text: "Hi"})
	if refused, ok := errors.AsType[*client.Error](err); ok {
		fmt.Println(refused.Status, refused.Code, refused.Message)
		// 400 invalid_argument sender: must be one of the chat's two members
	}
}
