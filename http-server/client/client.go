// Package client is for programs that send and follow messages through the HTTP
// API. It repeats what may be repeated: a send has an Idempotency-Key, so it is
// stored once, and a reader goes on where it was.
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
	// HTTP makes the requests; nil is [http.DefaultClient]. A Timeout of it has to be
	// longer than 30 s, for which a pull may wait.
	HTTP *http.Client
}

// Error is an answer of the service that is not a success.
type Error struct {
	Status    int    // of HTTP
	Code      string // of the API, such as "invalid_argument"
	Message   string // for people
	RequestID string // under which the logs of the service have it
}

// Error returns the code, the message and the request's id.
func (e *Error) Error() string {
	return fmt.Sprintf("%s: %s (request %s)", e.Code, e.Message, e.RequestID)
}

const (
	// attemptTimeout bounds one attempt of a send, whose answer may be lost on the
	// way: longer than the service needs for its own.
	attemptTimeout = 15 * time.Second
	// maxInterval bounds the pause before the next attempt.
	maxInterval = 5 * time.Second
	// maxAnswerBytes bounds an answer: a page has 1 MiB of texts, which JSON may write
	// six times as long, beside 1,000 names.
	maxAnswerBytes = 16 << 20
)

// get makes a GET and decodes the answer into v, and repeats it until ctx is done
// while that may help.
func (c *Client) get(ctx context.Context, path string, query url.Values, v any) error {
	return again(ctx, func() error {
		return c.call(ctx, http.MethodGet, path+"?"+query.Encode(), nil, nil, v)
	})
}

// again makes attempts until one succeeds, its error says that no other will, or
// ctx is done; then the error has that of the last attempt, too.
func again(ctx context.Context, attempt func() error) error {
	var last error
	pauses := backoff.NewExponentialBackOff()
	pauses.InitialInterval, pauses.MaxInterval = 50*time.Millisecond, maxInterval
	_, err := backoff.Retry(ctx, func() (struct{}, error) {
		last = attempt()
		return struct{}{}, last
	}, backoff.WithBackOff(pauses), backoff.WithMaxElapsedTime(0))
	if ended := ctx.Err(); ended != nil && err != nil {
		return fmt.Errorf("%w: %w", context.Cause(ctx), last)
	}
	return err
}

// call makes one request and decodes the answer into v. Errors that no repetition
// mends are permanent.
func (c *Client) call(ctx context.Context, method, path string, body []byte, header http.Header, v any) error {
	req, err := http.NewRequestWithContext(ctx, method, strings.TrimSuffix(c.URL, "/")+path, bytes.NewReader(body))
	if err != nil {
		return backoff.Permanent(err)
	}
	if header != nil {
		req.Header = header
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
		return refusal(resp, content)
	}
	if err := json.Unmarshal(content, v); err != nil {
		return backoff.Permanent(fmt.Errorf("%s answers what is not of this API: %w", c.URL, err))
	}
	return nil
}

// refusal returns the error of an answer that is not a success. What is not of the
// API's own may be of a proxy, which may do better the next time if it says 5xx.
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
	case http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout, http.StatusTooManyRequests:
		if seconds, e := strconv.Atoi(resp.Header.Get("Retry-After")); e == nil && seconds > 0 {
			return errors.Join(err, backoff.RetryAfter(seconds))
		}
		return err
	}
	return backoff.Permanent(err)
}
