package im

import (
	"encoding/base64"
	"encoding/binary"

	"example.com/im/idl/chat"
	"example.com/im/rpc-server/store"
)

// A cursor of an inbox is a version, the last message's send_time in eight bytes, and
// the chat's name, in base64 for URLs. It is opaque to callers, so another version may
// hold something else.
const (
	cursorVersion = 1
	cursorHead    = 1 + 8 // bytes before the name
)

// errCursor refuses a cursor.
var errCursor = &chat.Error{Field: "cursor", Rule: "must be the next_cursor of another page, or empty"}

// formatCursor returns the cursor of the page that follows a place.
func formatCursor(after store.Place) string {
	b := binary.BigEndian.AppendUint64([]byte{cursorVersion}, uint64(after.SendTime))
	return base64.RawURLEncoding.EncodeToString(append(b, after.Chat...))
}

// parseCursor returns the place that a cursor stands for. The empty cursor stands for
// the zero place. Its error is a [*chat.Error].
func parseCursor(cursor string) (store.Place, error) {
	if cursor == "" {
		return store.Place{}, nil
	}
	b, err := base64.RawURLEncoding.DecodeString(cursor)
	if err != nil || len(b) < cursorHead {
		return store.Place{}, errCursor
	}
	after := store.Place{SendTime: int64(binary.BigEndian.Uint64(b[1:])), Chat: chat.Name(b[cursorHead:])}
	name, err := chat.Parse(string(after.Chat))
	if err != nil || name != after.Chat || after.SendTime <= 0 {
		return store.Place{}, errCursor
	}
	if formatCursor(after) != cursor { // of another version, or with characters that base64 skips
		return store.Place{}, errCursor
	}
	return after, nil
}
