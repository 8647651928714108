package answer

import (
	"strconv"

	"github.com/go-json-experiment/json/jsontext"

	"example.com/im/idl/gen/im"
)

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

// appendMark appends up to where a member has read in a chat.
func appendMark(b []byte, name, member string, at int64) (_ []byte, err error) {
	if b, err = jsontext.AppendQuote(append(b, `{"chat":`...), name); err != nil {
		return b, err
	}
	b, err = jsontext.AppendQuote(append(b, `,"member":`...), member)
	b = strconv.AppendInt(append(b, `,"send_time":`...), at, 10)
	return append(b, '}'), err
}
