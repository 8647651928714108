package gateway

import (
	"slices"
	"strconv"

	"github.com/cloudwego/hertz/pkg/app"
	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"example.com/im/http-server/fault"
	"example.com/im/http-server/http1"
	"example.com/im/idl/gen/im"
)

// writeJSON answers with v. Frequent replies write themselves (appendJSON): it takes a
// third of the time. Those that may be long say how long at most (size). If the budget does
// not allow a long one, the answer is the error that says so.
func writeJSON(c *app.RequestContext, status int, v any) {
	size := 0
	if long, ok := v.(interface{ size() int }); ok {
		size = long.size()
	}
	if !affords(c, size) {
		return
	}
	buffer := c.Response.BodyBuffer()
	body := slices.Grow(buffer.B[:0], size)
	var err error
	if own, ok := v.(interface{ appendJSON([]byte) ([]byte, error) }); ok {
		body, err = own.appendJSON(body)
	} else {
		body, err = json.Marshal(v)
	}
	if err != nil { // a string that is not UTF-8
		panic(err)
	}
	if size == 0 && !affords(c, cap(body)) {
		return
	}
	if buffer.B = body; cap(body) > http1.MaxCopied {
		buffer.B = nil // it goes to other answers, which would keep so much memory
		c.Response.SetBodyRaw(body)
	}
	c.Response.SetStatusCode(status)
	c.Response.Header.SetContentType("application/json")
	c.Response.Header.Set("X-Content-Type-Options", "nosniff") // a text may look like HTML
}

// affords reports whether an answer of this size is short or within its budget. If it is
// not, affords answers with the error that says so.
func affords(c *app.RequestContext, size int) bool {
	budget := http1.ExchangeOf(c).Budget
	if size <= http1.MaxCopied || budget == nil {
		return true
	}
	if err := budget(size); err != nil {
		answerError(c, fault.Of(err))
		return false
	}
	return true
}

// appendMessage appends a message. It escapes only what JSON asks for, so that texts
// stay as they are.
func appendMessage(b []byte, m *im.Message) (_ []byte, err error) {
	if b, err = jsontext.AppendQuote(append(b, `{"chat":`...), m.Chat); err != nil {
		return b, err
	}
	if b, err = jsontext.AppendQuote(append(b, `,"text":`...), m.Text); err != nil {
		return b, err
	}
	if b, err = jsontext.AppendQuote(append(b, `,"sender":`...), m.Sender); err != nil {
		return b, err
	}
	b = strconv.AppendInt(append(b, `,"send_time":`...), m.SendTime, 10)
	if b, err = appendNames(b, `,"added":[`, m.Added); err != nil {
		return b, err
	}
	b, err = appendNames(b, `,"removed":[`, m.Removed)
	return append(b, '}'), err
}

// appendNames appends a list of names that begins so, or nothing if there are none.
func appendNames(b []byte, begin string, names []string) (_ []byte, err error) {
	if len(names) == 0 {
		return b, nil
	}
	b = append(b, begin...)
	for i, name := range names {
		if i > 0 {
			b = append(b, ',')
		}
		if b, err = jsontext.AppendQuote(b, name); err != nil {
			return b, err
		}
	}
	return append(b, ']'), nil
}

// appendMessages appends the value of the field messages, which is never null.
func appendMessages(b []byte, messages []*im.Message) (_ []byte, err error) {
	b = append(b, '[')
	for i, m := range messages {
		if i > 0 {
			b = append(b, ',')
		}
		if b, err = appendMessage(b, m); err != nil {
			return b, err
		}
	}
	return append(b, ']'), nil
}

// appendEnd appends the end of a page whose cursor only rpc-servers can read.
func appendEnd(b []byte, hasMore bool, nextCursor string) (_ []byte, err error) {
	b = strconv.AppendBool(append(b, `,"has_more":`...), hasMore)
	b, err = jsontext.AppendQuote(append(b, `,"next_cursor":`...), nextCursor)
	return b, err
}
