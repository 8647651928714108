package test

import (
	"bytes"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"example.com/im/rpc-server/store/storetest"
	"example.com/im/test/process"
)

// await starts a reader that pulls again and again until a message of the chat comes,
// and returns its answer. It stops after three minutes.
func (c *client) await(t *testing.T, chat string, cursor int64) <-chan reply {
	t.Helper()
	got := make(chan reply, 1)
	path := "/api/pull?" + query("chat", chat, "cursor", cursor, "wait_ms", waitMs)
	go func() {
		for end := time.Now().Add(3 * time.Minute); ; {
			r, err := c.call(t.Context(), http.MethodGet, path, "")
			if err != nil {
				t.Errorf("a reader that waits: %v", err)
			}
			if !bytes.Contains(r.body, []byte(`"messages":[]`)) || time.Now().After(end) {
				got <- r
				return
			}
		}
	}()
	return got
}

// Readers wait at one system for what another one writes, of which theirs knows
// nothing but the database.
func TestWaitAcrossInstances(t *testing.T) {
	t.Parallel()
	ownSystem(t)
	dsn := storetest.MySQL(t)
	readers, writers := process.StartStranger(t, dsn), process.StartStranger(t, dsn)
	from, to := newClient(t, readers.URLs()...), newClient(t, writers.URLs()...)
	for name, writer := range map[string]*client{"the same system": from, "another system": to} {
		chat := newChat()
		doe, _, _ := strings.Cut(chat, ":")
		took := make([]time.Duration, 100)
		var cursor int64
		for i := range took {
			got := from.await(t, chat, cursor)
			time.Sleep(time.Duration(i) * time.Millisecond) // at different times of the reads of the lanes
			sent := writer.send(t, chat, doe, "x")
			begin := time.Now()
			r := <-got
			if p := r.page(t); len(p.Messages) != 1 || p.Messages[0].SendTime != sent {
				t.Fatalf("%s: page = %+v; want the message of %d", name, p, sent)
			}
			took[i], cursor = time.Since(begin), sent+1
		}
		slices.Sort(took)
		if took[50] > 2*time.Second {
			t.Errorf("%s: a reader usually has its message after %v", name, took[50])
		}
		t.Logf("%s: median %v, 99 %% %v", name, took[50], took[98])
	}
}

// A reader goes on waiting while the only rpc-server of its gateway is stopped and
// started again. It gets what another instance has written, during the restart or
// later.
func TestWaitThroughRestart(t *testing.T) {
	t.Parallel()
	ownSystem(t)
	dsn := storetest.MySQL(t)
	// A machine that is busy with other tests may take seconds to start an rpc-server.
	readers, writers := process.StartStranger(t, dsn, patientSettings...), process.StartStranger(t, dsn)
	from, to := newClient(t, readers.URLs()...), newClient(t, writers.URLs()...)
	meanwhile, later := newChat(), newChat()
	rpc := readers.RPCServers[0]
	for name, stop := range map[string]func(){"stopped": func() { rpc.Stop(t) }, "killed": rpc.Kill} {
		cursor := from.pull(t, "chat", meanwhile).NextCursor
		first, second := from.await(t, meanwhile, cursor), from.await(t, later, cursor)
		readers.Gateways[0].AwaitWaiting(t, 2)
		stop()
		sent := to.send(t, meanwhile, strings.Split(meanwhile, ":")[0], "x")
		rpc.Restart(t)
		r := <-first
		if p := r.page(t); len(p.Messages) != 1 || p.Messages[0].SendTime != sent {
			t.Errorf("%s: page = %+v; want the message of %d", name, p, sent)
		}
		sent = to.send(t, later, strings.Split(later, ":")[0], "x")
		r = <-second
		if p := r.page(t); len(p.Messages) != 1 || p.Messages[0].SendTime != sent {
			t.Errorf("%s: later, page = %+v; want the message of %d", name, p, sent)
		}
		meanwhile, later = newChat(), newChat()
	}
}

// Thousands of readers, each of whom waits in a chat of its own, get their message.
func TestManyWaiters(t *testing.T) {
	t.Parallel()
	ownSystem(t)
	wantFiles(t)
	const readers = 2_000
	s := process.StartShipped(t, storetest.MySQL(t), patientSettings...)
	c := newClient(t, s.URLs()...)
	chats, answers := make([]string, readers), make([]<-chan reply, readers)
	for i := range readers {
		chats[i] = newChat()
		answers[i] = c.await(t, chats[i], 0)
		if i%100 == 0 { // so that they do not all look at once
			s.Gateways[0].AwaitWaiting(t, i*9/10)
		}
	}
	var g errgroup.Group
	g.SetLimit(32)
	for _, chat := range chats {
		g.Go(func() error {
			r, err := c.post(t.Context(), chat, strings.Split(chat, ":")[0], chat)
			if err == nil && r.status != http.StatusOK {
				err = fmt.Errorf("send: %d %s", r.status, r.body)
			}
			return err
		})
	}
	if err := g.Wait(); err != nil {
		t.Error(err)
	}
	for i, answer := range answers {
		r := <-answer
		if p := r.page(t); p.texts() != chats[i] {
			t.Errorf("the reader of %s has %+v", chats[i], p)
		}
	}
}

// A stopping gateway releases its readers at once. Their next pull does not wait: it
// goes elsewhere.
func TestDrainReleasesReaders(t *testing.T) {
	t.Parallel()
	ownSystem(t)
	s := process.StartStranger(t, storetest.MySQL(t), "DRAIN_DELAY=5s")
	c, g := newClient(t, s.URLs()...), s.Gateways[0]
	answers := make(chan reply, 100)
	for range cap(answers) {
		go func() {
			r, err := c.call(t.Context(), http.MethodGet, "/api/pull?"+query("chat", newChat(), "cursor", 7, "wait_ms", waitMs), "")
			if err != nil {
				t.Errorf("a reader that waits: %v", err)
			}
			answers <- r
		}()
	}
	g.AwaitWaiting(t, cap(answers))
	begin := time.Now()
	g.Terminate()
	for range cap(answers) {
		r := <-answers
		if p := r.page(t); len(p.Messages) != 0 || p.NextCursor != 7 {
			t.Errorf("page = %+v; want an empty one", p)
		}
	}
	if p := c.pull(t, "chat", newChat(), "wait_ms", waitMs); len(p.Messages) != 0 {
		t.Errorf("page = %+v; want an empty one", p)
	}
	if took := time.Since(begin); took > patience {
		t.Errorf("the readers are released after %v", took)
	}
	if status := g.Wait(t); status != 0 {
		t.Errorf("exit status %d; want 0", status)
	}
}
