package client_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"example.com/im/idl/client"
)

// guarded is a service that answers by a status what has another token than it wants.
type guarded struct {
	want   string
	status int // of all answers to that token
	shown  []string
}

func (g *guarded) RoundTrip(r *http.Request) (*http.Response, error) {
	token := r.Header.Get("Authorization")
	g.shown = append(g.shown, token)
	status, answer := g.status, `{"messages": [], "next_cursor": 1}`
	if token != g.want {
		status, answer = http.StatusUnauthorized, `{"error":{"code":"unauthenticated","message":"x","request_id":"1"}}`
	}
	return &http.Response{StatusCode: status, Body: io.NopCloser(strings.NewReader(answer))}, nil
}

// Each attempt has a token. One that is refused is replaced once.
func TestToken(t *testing.T) {
	t.Parallel()
	broken := errors.New("the identity server is away")
	for name, tc := range map[string]struct {
		tokens  []string // by attempt; "": none can be had
		want    string   // that the service takes
		shown   []string
		refused []string // as Token was told, by attempt
		code    string   // of the error; "": the call succeeds
	}{
		"it is good":            {[]string{"a"}, "Bearer a", []string{"Bearer a"}, []string{""}, ""},
		"it has ended":          {[]string{"a", "b"}, "Bearer b", []string{"Bearer a", "Bearer b"}, []string{"", "a"}, ""},
		"none is good":          {[]string{"a", "b", "c"}, "Bearer c", []string{"Bearer a", "Bearer b"}, []string{"", "a"}, "unauthenticated"},
		"the issuer comes back": {[]string{"", "", "a"}, "Bearer a", []string{"Bearer a"}, []string{"", "", ""}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				service := &guarded{want: tc.want, status: http.StatusOK}
				var refused []string
				c := &client.Client{URL: "http://x", HTTP: &http.Client{Transport: service}}
				c.Token = func(ctx context.Context) (string, error) {
					refused = append(refused, client.RefusedToken(ctx))
					if token := tc.tokens[len(refused)-1]; token != "" {
						return token, nil
					}
					return "", broken
				}
				ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
				defer cancel()
				_, err := c.Pull(ctx, client.Query{Chat: "a:b"})
				refusal := (*client.Error)(nil)
				if tc.code == "" && err != nil || tc.code != "" && (!errors.As(err, &refusal) || refusal.Code != tc.code) {
					t.Errorf("Pull = %v; want code %q", err, tc.code)
				}
				if !slices.Equal(service.shown, tc.shown) || !slices.Equal(refused, tc.refused) {
					t.Errorf("shown are %q, told as refused %q; want %q, %q", service.shown, refused, tc.shown, tc.refused)
				}
			})
		})
	}
}

// Without a Token no call has one, and a 401 ends it at once. A send has its token, too. What
// Token fails with is told at the end.
func TestTokenless(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		service := &guarded{want: "Bearer a", status: http.StatusOK}
		c := &client.Client{URL: "http://x", HTTP: &http.Client{Transport: service}}
		_, err := c.Pull(t.Context(), client.Query{Chat: "a:b"})
		refusal := (*client.Error)(nil)
		if !errors.As(err, &refusal) || refusal.Status != http.StatusUnauthorized || !slices.Equal(service.shown, []string{""}) {
			t.Errorf("Pull = %v after %q; want one attempt without a token", err, service.shown)
		}
		c.Token = func(context.Context) (string, error) { return "a", nil }
		if _, err := c.Send(t.Context(), client.Message{Chat: "a:b", Text: "x"}); err != nil || service.shown[1] != "Bearer a" {
			t.Errorf("Send = %v with %q", err, service.shown)
		}
		broken := errors.New("the identity server is away")
		c.Token = func(context.Context) (string, error) { return "", broken }
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		if _, err := c.Send(ctx, client.Message{Chat: "a:b", Text: "x"}); !errors.Is(err, broken) || !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("Send = %v; want the end of ctx, and why", err)
		}
	})
}

// A token may end several times while a call is repeated: only two refusals in a row end it.
func TestTokenEndsAgain(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		service := &guarded{want: "Bearer good", status: http.StatusServiceUnavailable}
		c := &client.Client{URL: "http://x", HTTP: &http.Client{Transport: service}}
		calls := 0
		c.Token = func(context.Context) (string, error) {
			if calls++; calls%2 == 1 && calls < 6 {
				return "ended", nil
			}
			if calls == 8 {
				service.status = http.StatusOK
			}
			return "good", nil
		}
		if _, err := c.Pull(t.Context(), client.Query{Chat: "a:b"}); err != nil || calls != 8 {
			t.Errorf("Pull = %v after %d attempts; want success after 8", err, calls)
		}
	})
}
