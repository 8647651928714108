package client_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"example.com/im/idl/client"
	"example.com/im/test/stack/stacktest"
)

// A program keeps its work and its cursor together, and crashes now and then, before or
// after it has stored both. The network loses requests and answers. Yet each message of
// each chat is worked on once, and those of one chat in order.
func TestFollowAll(t *testing.T) {
	t.Parallel()
	service := stacktest.URL(t)
	faults := []func(http.ResponseWriter) bool{hangUp, answer(503, ""), answer(504, ""), answer(502, "<html>")}
	everyOther := func(n int32, w http.ResponseWriter) bool { return n%2 == 0 || faults[int(n/2)%len(faults)](w) }
	reader := client.Client{URL: startNetwork(t, service, everyOther, everyOther).url}
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()

	const chats, messages = 5, 60
	writers, writing := errgroup.WithContext(ctx)
	for i := range chats {
		writers.Go(func() error { return write(writing, service, i, messages) })
	}
	var stored struct { // what a database would hold
		seen   map[string]int // the number of the next message of each chat
		cursor string
	}
	stored.seen = map[string]int{}
	for lives, total := 0, 0; total < chats*(messages+1); lives++ {
		if lives > 10_000 {
			t.Fatal("the program gets nowhere")
		}
		n := 0
		for news, err := range reader.FollowAll(ctx, "Reader", stored.cursor) {
			if err != nil {
				t.Fatal(err)
			}
			if n++; (lives+n)%5 == 0 {
				break // it crashes, and its work with the page is lost
			}
			for _, m := range news.Messages {
				if want := text(stored.seen[m.Chat]); m.Text != want {
					t.Fatalf("%s: message %q; want %q", m.Chat, m.Text, want)
				}
				stored.seen[m.Chat]++
			}
			total, stored.cursor = total+len(news.Messages), news.NextCursor
			if (lives+n)%5 == 3 || total == chats*(messages+1) {
				break // it crashes, and its work is kept
			}
		}
	}
	if err := writers.Wait(); err != nil {
		t.Fatal(err)
	}
	news, err := reader.Sync(ctx, client.SyncQuery{Member: "reader", Cursor: stored.cursor})
	if err != nil || len(news.Messages) != 0 || news.HasMore || news.NextCursor == "" {
		t.Errorf("after all: %+v, %v; want nothing", news, err)
	}
}

// text is the nth message in each group of TestFollowAll.
func text(n int) string {
	if n == 0 {
		return "added writer and reader"
	}
	return fmt.Sprint(n)
}

// write makes a group, and sends the messages 1 to n to it, one after the other.
func write(ctx context.Context, service string, group, n int) error {
	c := client.Client{URL: service}
	name := fmt.Sprint("group-", group)
	if _, err := c.ChangeMembers(ctx, client.Change{Chat: name, By: "writer", Add: []string{"reader"}}); err != nil {
		return err
	}
	for i := range n {
		if _, err := c.Send(ctx, client.Message{Chat: name, Sender: "writer", Text: text(i + 1)}); err != nil {
			return err
		}
	}
	return nil
}

// A follower learns of messages in chats that did not exist when it began, of read marks,
// and of groups into which it comes.
func TestFollowAllLearns(t *testing.T) {
	t.Parallel()
	c := client.Client{URL: stacktest.URL(t)}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	inbox, err := c.Inbox(ctx, client.InboxQuery{Member: "ann"})
	if err != nil || len(inbox.Chats) != 0 || inbox.SyncCursor == "" {
		t.Fatalf("Inbox = %+v, %v", inbox, err)
	}
	var last int64
	steps := []func() error{
		func() error {
			sent, err := c.Send(ctx, client.Message{Chat: "ann:bob", Sender: "bob", Text: "x"})
			last = sent.SendTime
			return err
		},
		func() error {
			_, err := c.MarkRead(ctx, client.ReadMark{Chat: "ann:bob", Member: "bob", SendTime: last})
			return err
		},
		func() error {
			_, err := c.ChangeMembers(ctx, client.Change{Chat: "team", By: "bob", Add: []string{"ann", "eve"}})
			return err
		},
		func() error {
			_, err := c.ChangeMembers(ctx, client.Change{Chat: "team", By: "bob", Remove: []string{"eve"}})
			return err
		},
	}
	want := []string{"ann:bob x [] []", "ann:bob read by bob", "team added bob, ann and eve [bob ann eve] []", "team removed eve [] [eve]"}
	step := func() {
		if err := steps[0](); err != nil {
			t.Error(err)
		}
		steps = steps[1:]
	}
	begun := make(chan struct{})
	go func() { // while the follower waits
		defer close(begun)
		step()
	}()
	for news, err := range c.FollowAll(ctx, "ann", inbox.SyncCursor) {
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, m := range news.Messages {
			got = append(got, fmt.Sprint(m.Chat, " ", m.Text, " ", m.Added, " ", m.Removed))
		}
		for _, mark := range news.Reads {
			got = append(got, fmt.Sprint(mark.Chat, " read by ", mark.Member))
		}
		if len(got) != 1 || got[0] != want[0] {
			t.Errorf("news %q; want %q", got, want[0])
		}
		if want = want[1:]; len(want) == 0 {
			break
		}
		<-begun
		step()
	}
}

// What is refused for good ends a follower.
func TestFollowAllIsRefused(t *testing.T) {
	t.Parallel()
	c := client.Client{URL: stacktest.URL(t)}
	for member, cursor := range map[string]string{"a b": "", "ann": "none"} {
		pairs := 0
		for news, err := range c.FollowAll(t.Context(), member, cursor) {
			refused, ok := errors.AsType[*client.Error](err)
			if pairs++; !ok || refused.Status != 400 || pairs > 1 || len(news.Messages) != 0 {
				t.Errorf("FollowAll(%q, %q): %+v, %v", member, cursor, news, err)
				break
			}
		}
		if pairs != 1 {
			t.Errorf("FollowAll(%q, %q): %d pairs", member, cursor, pairs)
		}
	}
}
