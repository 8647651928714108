// Package client is for programs that send and follow messages through the HTTP API.
//
// A call is made in one or more attempts, because what may be repeated is repeated: a
// send and a change of a group have an Idempotency-Key, so they are stored once, a mark
// only moves forward, and a reader goes on where it was. Each call repeats until ctx is
// done, unless the service refuses it for good.
package client

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/cenkalti/backoff/v5"
)

// Client calls a gateway, or a load balancer before several. It is safe for
// concurrent use.
type Client struct {
	// URL is that of the service, such as http://localhost:8080.
	URL string
	// HTTP makes the requests; nil is [http.DefaultClient]. If it has a Timeout, that
	// must be longer than 30 s: a call may wait so long for news.
	HTTP *http.Client
	// Token returns the token that shows who calls (a JWT of the identity server), for a
	// service that asks; nil: calls have none. Each attempt calls it, so it should remember a
	// token until shortly before its end. When the service refuses a token (401), the call is
	// tried once more, and [RefusedToken] tells Token so. A second 401 ends the call. An error
	// of Token is as that of a connection: the attempt is repeated until ctx is done.
	// Sender, Member and By may be empty in calls with a token, which names them.
	Token func(ctx context.Context) (string, error)
}

// Error is an answer of the service that is not a success.
type Error struct {
	Status    int    // of HTTP
	Code      string // of the API, such as "invalid_argument"
	Message   string // for people
	RequestID string // finds the request in the logs of the service
}

// Error returns the code, the message and the request's id.
func (e *Error) Error() string {
	return fmt.Sprintf("%s: %s (request %s)", e.Code, e.Message, e.RequestID)
}

const (
	// postTimeout bounds one attempt of a call that stores, because its answer may be lost
	// on the way. The service needs less time for its own attempts.
	postTimeout = 15 * time.Second
	// getTimeout bounds one attempt of a call that reads, beside what it waits for news. A
	// gateway gives its clients as long to take an answer.
	getTimeout = 30 * time.Second
	// maxInterval bounds the pause before the next attempt.
	maxInterval = 5 * time.Second
	// maxAnswerBytes bounds an answer. A page has 1,000 names, and 1 MiB of texts,
	// which JSON may write six times as long.
	maxAnswerBytes = 16 << 20
)

// get makes a GET, which the service may hold for wait, and decodes the answer into v. It
// repeats the GET while that may help, until ctx is done.
func (c *Client) get(ctx context.Context, path string, query url.Values, wait time.Duration, v any) error {
	who := &bearer{source: c.Token}
	return again(ctx, getTimeout+max(wait, 0), func(ctx context.Context) error {
		return c.call(ctx, who, http.MethodGet, path+"?"+query.Encode(), nil, "", v)
	})
}

// post makes a POST of body as JSON, with an Idempotency-Key if key is not "", and
// decodes the answer into v. The caller has seen to it that the POST may be repeated: it
// is, while that may help, until ctx is done.
func (c *Client) post(ctx context.Context, path, key string, body, v any) error {
	content, err := json.Marshal(body)
	if err != nil {
		return err
	}
	who := &bearer{source: c.Token}
	return again(ctx, postTimeout, func(ctx context.Context) error {
		return c.call(ctx, who, http.MethodPost, path, content, key, v)
	})
}

// again makes attempts, of which each may take so long, until one succeeds, its error says
// that no other will, or ctx is done. If ctx is done, the error also has that of the last
// attempt.
func again(ctx context.Context, timeout time.Duration, attempt func(context.Context) error) error {
	var last error
	pauses := backoff.NewExponentialBackOff()
	pauses.InitialInterval, pauses.MaxInterval = 50*time.Millisecond, maxInterval
	_, err := backoff.Retry(ctx, func() (struct{}, error) {
		ctx, cancel := context.WithTimeout(ctx, timeout)
		defer cancel()
		last = attempt(ctx)
		return struct{}{}, last
	}, backoff.WithBackOff(pauses), backoff.WithMaxElapsedTime(0))
	if ended := ctx.Err(); ended != nil && err != nil {
		return fmt.Errorf("%w: %w", context.Cause(ctx), last)
	}
	return err
}

// call makes one request, with the token of who, and decodes the answer into v. An error
// that no repetition mends is permanent.
func (c *Client) call(ctx context.Context, who *bearer, method, path string, body []byte, key string, v any) error {
	req, err := http.NewRequestWithContext(ctx, method, strings.TrimSuffix(c.URL, "/")+path, bytes.NewReader(body))
	if err != nil {
		return backoff.Permanent(err)
	}
	if key != "" {
		req.Header.Set("Idempotency-Key", key)
	}
	if err := who.show(ctx, req); err != nil {
		return err
	}
	client := c.HTTP
	if client == nil {
		client = http.DefaultClient
	}
	resp, err := client.Do(req)
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }()
	content, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswerBytes))
	if err != nil {
		return err
	}
	if resp.StatusCode != http.StatusOK {
		return who.judge(resp.StatusCode, refusal(resp, content))
	}
	if err := json.Unmarshal(content, v); err != nil {
		return backoff.Permanent(fmt.Errorf("%s answers what is not of this API: %w", c.URL, err))
	}
	return nil
}

// refusal returns the error of an answer that is not a success. It is permanent, unless
// the status says that the next time may be better: some of these come only from
// proxies. An answer that is not of the API may be a proxy's, too.
func refusal(resp *http.Response, content []byte) error {
	var answer struct {
		Error struct {
			Code, Message string
			RequestID     string `json:"request_id"`
		}
	}
	if json.Unmarshal(content, &answer) != nil || answer.Error.Code == "" {
		answer.Error.Code, answer.Error.Message = resp.Status, string(bytes.TrimSpace(content[:min(len(content), 200)]))
	}
	err := &Error{resp.StatusCode, answer.Error.Code, answer.Error.Message, answer.Error.RequestID}
	switch resp.StatusCode {
	case http.StatusUnauthorized:
		return err // see bearer
	case http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout, http.StatusTooManyRequests:
		if seconds, e := strconv.Atoi(resp.Header.Get("Retry-After")); e == nil && seconds > 0 {
			return errors.Join(err, backoff.RetryAfter(seconds))
		}
		return err
	}
	return backoff.Permanent(err)
}
