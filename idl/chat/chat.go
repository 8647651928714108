// Package chat holds the rules of chats and messages that both services need
// and that the IDL cannot say: names, limits and lanes. Its errors are meant for
// the caller of the API.
package chat

import (
	"strings"
	"unicode/utf8"
)

// Limits of a message and of a page.
const (
	// MaxTextBytes is the length of the longest text.
	MaxTextBytes = 16_384
	// MaxKeyBytes is the length of the longest idempotency key.
	MaxKeyBytes = 128
	// DefaultLimit is the number of messages in a page when none is asked for.
	DefaultLimit = 10
	// MaxLimit is the number of messages in the largest page.
	MaxLimit = 1_000
	// MaxGroupMembers is how many members a group has at most.
	MaxGroupMembers = 1_000
	// MaxChangeNames is how many names a change of a group has at most.
	MaxChangeNames = 100
	// DefaultSyncLimit is the number of messages in a page of sync when none is asked
	// for.
	DefaultSyncLimit = 100
	// MaxCursorBytes is the length of the longest opaque cursor.
	MaxCursorBytes = 1_024
	// MaxPageBytes bounds the texts of one page, unless a single text is longer.
	MaxPageBytes = 1 << 20
)

// Error says which field of a request breaks which rule.
type Error struct {
	Field string
	Rule  string
}

// Error returns "field: rule".
func (e *Error) Error() string { return e.Field + ": " + e.Rule }

// CheckText checks that text may be stored and returned byte for byte. Its
// error is an [*Error].
func CheckText(text string) error {
	switch {
	case text == "":
		return &Error{"text", "must not be empty"}
	case len(text) > MaxTextBytes:
		return &Error{"text", "must be at most 16384 bytes long"}
	case !utf8.ValidString(text):
		return &Error{"text", "must be valid UTF-8"}
	case strings.ContainsRune(text, 0):
		return &Error{"text", "must not contain U+0000"}
	}
	return nil
}

// CheckKey checks an idempotency key: 1 to 128 visible ASCII characters. Its
// error is an [*Error] that names the HTTP header.
func CheckKey(key string) error {
	visible := func(r rune) bool { return '!' <= r && r <= '~' }
	if key == "" || len(key) > MaxKeyBytes || strings.ContainsFunc(key, func(r rune) bool { return !visible(r) }) {
		return &Error{"Idempotency-Key", "must be 1 to 128 visible ASCII characters"}
	}
	return nil
}

// CheckCursor checks that cursor can be a send_time. Its error is an [*Error].
func CheckCursor(cursor int64) error {
	if cursor < 0 {
		return &Error{"cursor", "must not be negative"}
	}
	return nil
}

// Limit returns the number of messages that a page asked for with limit may
// hold. Its error is an [*Error].
func Limit(limit int32) (int, error) {
	switch {
	case limit < 0:
		return 0, &Error{"limit", "must not be negative"}
	case limit == 0:
		return DefaultLimit, nil
	}
	return min(int(limit), MaxLimit), nil
}

// SyncLimit is [Limit] for a page of sync.
func SyncLimit(limit int32) (int, error) {
	if limit == 0 {
		return DefaultSyncLimit, nil
	}
	return Limit(limit)
}

// Preview returns as much of text as at most n bytes hold, without a part of a code
// point.
func Preview(text string, n int) string {
	if len(text) <= n {
		return text
	}
	for n > 0 && !utf8.RuneStart(text[n]) {
		n--
	}
	return text[:n]
}
