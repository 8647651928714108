package test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"example.com/im/http-server/openapi/openapitest"
)

// client calls a system over HTTP, through each of its gateways in turn. An answer that
// breaks the contract fails the test. So does an answer that has to be a success and is
// not.
type client struct {
	urls []string
	turn atomic.Uint64
	http *http.Client
}

func newClient(t testing.TB, urls ...string) *client {
	t.Helper()
	transport := &http.Transport{MaxIdleConnsPerHost: 64}
	t.Cleanup(transport.CloseIdleConnections)
	return &client{urls: urls, http: &http.Client{Transport: openapitest.Transport(t, transport), Timeout: time.Minute}}
}

// call makes a request. header holds names and values by turns.
func (c *client) call(ctx context.Context, method, path, body string, header ...string) (reply, error) {
	return c.callFrom(ctx, method, path, strings.NewReader(body), header...)
}

// callFrom is call with a body that is sent in chunks, without a length, unless
// its type is known to net/http.
func (c *client) callFrom(ctx context.Context, method, path string, body io.Reader, header ...string) (reply, error) {
	base := c.urls[c.turn.Add(1)%uint64(len(c.urls))]
	req, err := http.NewRequestWithContext(ctx, method, base+path, body)
	if err != nil {
		return reply{}, err
	}
	for i := 0; i < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return reply{}, err
	}
	defer func() { _ = resp.Body.Close() }()
	content, err := io.ReadAll(resp.Body)
	return reply{resp.StatusCode, resp.Header, content}, err
}

// do makes a request that must be answered, in whatever way.
func (c *client) do(t testing.TB, method, path, body string, header ...string) reply {
	t.Helper()
	r, err := c.call(t.Context(), method, path, body, header...)
	if err != nil {
		t.Fatalf("%s %.200s: %v", method, path, err)
	}
	return r
}

// chunked is do with a body of unknown length.
func (c *client) chunked(t testing.TB, method, path, body string) reply {
	t.Helper()
	r, err := c.callFrom(t.Context(), method, path, io.MultiReader(strings.NewReader(body)))
	if err != nil {
		t.Fatalf("%s %s: %v", method, path, err)
	}
	return r
}

// post sends a message.
func (c *client) post(ctx context.Context, chat, sender, text string) (reply, error) {
	return c.call(ctx, http.MethodPost, "/api/send", toJSON(map[string]string{"chat": chat, "sender": sender, "text": text}))
}

// send sends a message that must be stored, and returns its send_time.
func (c *client) send(t testing.TB, chat, sender, text string) int64 {
	t.Helper()
	r, err := c.post(t.Context(), chat, sender, text)
	if err != nil {
		t.Fatal(err)
	}
	return r.sent(t).SendTime
}

// sendAll sends n messages to a chat, "0", "1" and so on, and returns them.
func (c *client) sendAll(t testing.TB, chat string, n int) []message {
	t.Helper()
	sender, _, _ := strings.Cut(chat, ":")
	messages := make([]message, n)
	for i := range messages {
		text := fmt.Sprint(i)
		messages[i] = message{chat, text, sender, c.send(t, chat, sender, text)}
	}
	return messages
}

// sendConcurrently sends n messages to a chat, in any order.
func (c *client) sendConcurrently(t testing.TB, chat string, n int) {
	t.Helper()
	sender, _, _ := strings.Cut(chat, ":")
	replies := make([]reply, n)
	var g errgroup.Group
	g.SetLimit(16)
	for i := range replies {
		g.Go(func() (err error) {
			replies[i], err = c.post(t.Context(), chat, sender, "x")
			return err
		})
	}
	if err := g.Wait(); err != nil {
		t.Fatal(err)
	}
	for _, r := range replies {
		r.sent(t)
	}
}

// pull gets a page; params are names and values by turns.
func (c *client) pull(t testing.TB, params ...any) page {
	t.Helper()
	return c.do(t, http.MethodGet, "/api/pull?"+query(params...), "").page(t)
}

// query returns a query string of names and values by turns.
func query(params ...any) string {
	values := url.Values{}
	for i := 0; i < len(params); i += 2 {
		values.Set(fmt.Sprint(params[i]), fmt.Sprint(params[i+1]))
	}
	return values.Encode()
}

// toJSON returns v as JSON.
func toJSON(v any) string {
	text, err := json.Marshal(v)
	if err != nil {
		panic(err) // only for what JSON cannot say
	}
	return string(text)
}
