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
	c := client.Client{URL: serviceURL}
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	sent, err := c.Send(ctx, client.Message{Chat: "Ann:Bob", Sender: "Ann", Text: "Shall we?"})
	fmt.Println(sent.Chat, sent.SendTime > 0, err)
	// Output: ann:bob true <nil>
}

// Follow reads what is there, and then what comes.
func ExampleClient_Follow() {
	c := client.Client{URL: serviceURL}
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	for _, text := range []string{"Are you there?", "Hello?"} {
		if _, err := c.Send(ctx, client.Message{Chat: "doe:john", Sender: "John", Text: text}); err != nil {
			fmt.Println(err)
		}
	}
	answered := false
	for m, err := range c.Follow(ctx, "john:doe", 0) {
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Printf("%s: %s\n", m.Sender, m.Text)
		switch {
		case m.Sender == "Doe":
			return
		case !answered && m.Text == "Hello?":
			answered = true
			if _, err := c.Send(ctx, client.Message{Chat: "doe:john", Sender: "Doe", Text: "Here I am."}); err != nil {
				fmt.Println(err)
			}
		}
	}
	// Output:
	// John: Are you there?
	// John: Hello?
	// Doe: Here I am.
}

// A refusal for good is an *Error.
func ExampleError() {
	c := client.Client{URL: serviceURL}
	_, err := c.Send(context.Background(), client.Message{Chat: "ann:bob", Sender: "Eve", Text: "Hi"})
	if refused, ok := errors.AsType[*client.Error](err); ok {
		fmt.Println(refused.Status, refused.Code, refused.Message)
	}
	// Output: 400 invalid_argument sender: must be one of the chat's two members
}
