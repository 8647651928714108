package delivery

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"strconv"
	"strings"
	"sync/atomic"
	"time"
)

// requestTimeout is for how long a client waits for an answer: longer than the
// gateway does for its own.
const requestTimeout = 30 * time.Second

// message, page and sent are the JSON of the API.
type message struct {
	Chat     string `json:"chat"`
	Text     string `json:"text"`
	Sender   string `json:"sender"`
	SendTime int64  `json:"send_time,omitempty"`
	names           // of a change of a group
}

// names says who comes into a group, and who goes.
type names struct {
	Added   []string `json:"added,omitempty"`
	Removed []string `json:"removed,omitempty"`
}

type page struct {
	Messages   []message `json:"messages"`
	HasMore    bool      `json:"has_more"`
	NextCursor int64     `json:"next_cursor"`
}

type sent struct {
	Chat     string `json:"chat"`
	SendTime int64  `json:"send_time"`
}

// A query asks for a page.
type query struct {
	chat    string
	cursor  int64
	limit   int
	reverse bool
	wait    time.Duration // 0: not at all
}

// String returns the query as a URL has it.
func (q query) String() string {
	text := fmt.Sprintf("/api/pull?chat=%s&cursor=%d&limit=%d&reverse=%t", url.QueryEscape(q.chat), q.cursor, q.limit, q.reverse)
	if q.wait > 0 {
		text += fmt.Sprintf("&wait_ms=%d", q.wait.Milliseconds())
	}
	return text
}

// Errors of requests, by what they leave known.
var (
	errRefused    = errors.New("refused")           // nothing was stored
	errUnknown    = errors.New("outcome not known") // it may have been stored
	errKeyReused  = errors.New("key reused")        // nothing was stored
	errForbidden  = errors.New("no member")         // nothing was stored
	errUnexpected = errors.New("unexpected answer") // one that the API does not promise
)

// A client calls the gateways by turns.
type client struct {
	http *http.Client
	urls atomic.Pointer[[]string]
	turn atomic.Uint64
}

func newClient(cfg Config) *client {
	var transport http.RoundTripper = &http.Transport{MaxIdleConnsPerHost: 256}
	if cfg.Wrap != nil {
		transport = cfg.Wrap(transport)
	}
	c := &client{http: &http.Client{Transport: transport, Timeout: requestTimeout}}
	c.urls.Store(&cfg.URLs)
	return c
}

// send sends a message, with a key unless it is "", and returns its send_time.
func (c *client) send(ctx context.Context, m message, key string) (int64, error) {
	var answer sent
	if err := c.post(ctx, "/api/send", m, key, &answer); err != nil {
		return 0, err
	}
	if answer.Chat != m.Chat || answer.SendTime <= 0 {
		return 0, fmt.Errorf("%w: a send to %s is answered with %+v", errUnexpected, m.Chat, answer)
	}
	return answer.SendTime, nil
}

// post sends a JSON body, with a key unless it is "".
func (c *client) post(ctx context.Context, path string, what any, key string, answer any) error {
	body, err := json.Marshal(what)
	if err != nil {
		return err
	}
	header := http.Header{}
	if key != "" {
		header.Set("Idempotency-Key", key)
	}
	return c.call(ctx, http.MethodPost, path, string(body), header, answer)
}

// pull gets a page.
func (c *client) pull(ctx context.Context, q query) (page, error) {
	var p page
	err := c.call(ctx, http.MethodGet, q.String(), "", nil, &p)
	if err == nil && (len(p.Messages) > q.limit || p.HasMore && len(p.Messages) == 0) {
		err = fmt.Errorf("%w: %v is answered with %d messages, has_more %t", errUnexpected, q, len(p.Messages), p.HasMore)
	}
	return p, err
}

// call makes a request and decodes the answer, which should be a 200, into v.
func (c *client) call(ctx context.Context, method, path, body string, header http.Header, v any) error {
	urls := *c.urls.Load()
	base := urls[c.turn.Add(1)%uint64(len(urls))]
	req, err := http.NewRequestWithContext(ctx, method, base+path, strings.NewReader(body))
	if err != nil {
		return err
	}
	if header != nil {
		req.Header = header
	}
	// net/http repeats a request by itself where it takes that to be safe. So the last
	// error alone does not tell whether an earlier attempt has left.
	var left atomic.Bool
	req = req.WithContext(httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GotConn: func(httptrace.GotConnInfo) { left.Store(true) },
	}))
	resp, err := c.http.Do(req)
	switch {
	case err != nil && left.Load():
		return fmt.Errorf("%w: %w", errUnknown, err)
	case err != nil:
		return fmt.Errorf("%w: %w", errRefused, err)
	}
	defer func() { _ = resp.Body.Close() }()
	content, err := io.ReadAll(resp.Body)
	if err != nil {
		return fmt.Errorf("%w: %w", errUnknown, err)
	}
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("%w: %s answers %s: %.300s", refusal(resp), base, resp.Status, content)
	}
	if err := json.Unmarshal(content, v); err != nil {
		return fmt.Errorf("%w: %w: %.300s", errUnexpected, err, content)
	}
	return nil
}

// refusal tells what an answer that is not a 200 leaves known.
func refusal(resp *http.Response) error {
	switch resp.StatusCode {
	case http.StatusServiceUnavailable:
		if _, err := strconv.Atoi(resp.Header.Get("Retry-After")); err != nil {
			return errUnexpected
		}
		return errRefused
	case http.StatusGatewayTimeout:
		return errUnknown
	case http.StatusUnprocessableEntity:
		return errKeyReused
	case http.StatusForbidden:
		return errForbidden
	}
	return errUnexpected
}
