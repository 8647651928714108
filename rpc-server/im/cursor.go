package im

import (
	"encoding/base64"
	"encoding/binary"
	"hash/crc32"

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

// A cursor of sync is a version, a bit for each lane that has a time, these times in
// seven bytes each, and a checksum, which tells it from what this API has not made. So it
// is at most 615 characters long.
const (
	lanesVersion = 2
	lanesHead    = 1 + chat.Lanes/8
	timeBytes    = 7 // enough until the year 4253
)

// errSyncCursor refuses a cursor of sync.
var errSyncCursor = &chat.Error{Field: "cursor", Rule: "must be the next_cursor of another page, the sync_cursor of an inbox, or empty"}

// formatLanes returns the cursor of the sync that follows the lanes.
func formatLanes(lanes store.Lanes) string {
	var timed uint64
	var times []byte
	for id, at := range lanes {
		if at != 0 {
			timed |= 1 << id
			times = append(times, binary.BigEndian.AppendUint64(nil, uint64(at))[8-timeBytes:]...)
		}
	}
	b := append(binary.BigEndian.AppendUint64([]byte{lanesVersion}, timed), times...)
	return base64.RawURLEncoding.EncodeToString(binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE(b)))
}

// parseLanes returns the lanes that a cursor stands for. The empty cursor stands for the
// time before the first message. Its error is a [*chat.Error].
func parseLanes(cursor string) (lanes store.Lanes, err error) {
	if cursor == "" {
		return lanes, nil
	}
	b, err := base64.RawURLEncoding.DecodeString(cursor)
	if err != nil || len(b) < lanesHead {
		return lanes, errSyncCursor
	}
	timed, times := binary.BigEndian.Uint64(b[1:]), b[lanesHead:]
	for id := range lanes {
		if timed>>id&1 == 0 {
			continue
		}
		if len(times) < timeBytes {
			return lanes, errSyncCursor
		}
		lanes[id] = int64(binary.BigEndian.Uint64(append(make([]byte, 8-timeBytes), times[:timeBytes]...)))
		times = times[timeBytes:]
	}
	if formatLanes(lanes) != cursor { // of another version, damaged, or not made here
		return lanes, errSyncCursor
	}
	return lanes, nil
}

// A cursor of a list of members is a version and the last member's name.
const membersVersion = 3

// formatMember returns the cursor of the page that follows a member.
func formatMember(after string) string {
	return base64.RawURLEncoding.EncodeToString(append([]byte{membersVersion}, after...))
}

// parseMember returns the member that a cursor stands for, and "" for the empty cursor.
// Its error is a [*chat.Error].
func parseMember(cursor string) (after string, err error) {
	if cursor == "" {
		return "", nil
	}
	b, err := base64.RawURLEncoding.DecodeString(cursor)
	if err != nil || len(b) < 2 || b[0] != membersVersion {
		return "", errCursor
	}
	after = string(b[1:])
	if name, err := chat.Member(after); err != nil || name != after || formatMember(after) != cursor {
		return "", errCursor
	}
	return after, nil
}
