package client_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"example.com/im/idl/client"
)

// lost is a network on which the first connections are lost without a word.
type lost struct{ attempts []time.Duration }

func (l *lost) RoundTrip(r *http.Request) (*http.Response, error) {
	begin := time.Now()
	if len(l.attempts) < 2 {
		<-r.Context().Done()
		l.attempts = append(l.attempts, time.Since(begin))
		return nil, r.Context().Err()
	}
	const answer = `{"messages": [], "next_cursor": "x"}`
	return &http.Response{StatusCode: http.StatusOK, Body: io.NopCloser(strings.NewReader(answer))}, nil
}

// A connection that is lost without a word ends an attempt, not the call, and the attempt
// is longer than the service may wait for news.
func TestLostConnections(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		call func(context.Context, *client.Client) error
		want time.Duration
	}{
		"send": {func(ctx context.Context, c *client.Client) error {
			_, err := c.MarkRead(ctx, client.ReadMark{Chat: "a:b", Member: "a", SendTime: 1})
			return err
		}, 15 * time.Second},
		"sync": {func(ctx context.Context, c *client.Client) error {
			_, err := c.Sync(ctx, client.SyncQuery{Member: "a", Wait: -time.Hour})
			return err
		}, 30 * time.Second},
		"sync that waits": {func(ctx context.Context, c *client.Client) error {
			_, err := c.Sync(ctx, client.SyncQuery{Member: "a", Wait: 30 * time.Second})
			return err
		}, time.Minute},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				network := &lost{}
				ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
				defer cancel()
				err := tc.call(ctx, &client.Client{URL: "http://x", HTTP: &http.Client{Transport: network}})
				if err != nil || len(network.attempts) != 2 || network.attempts[0] != tc.want || network.attempts[1] != tc.want {
					t.Errorf("attempts end after %v, the call with %v; want two after %v", network.attempts, err, tc.want)
				}
			})
		})
	}
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_, err := (&client.Client{URL: "http://x", HTTP: &http.Client{Transport: &lost{}}}).Sync(ctx, client.SyncQuery{Member: "a"})
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("Sync = %v; want the end of ctx", err)
		}
	})
}
