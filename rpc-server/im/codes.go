package im

import (
	"errors"

	"example.com/im/idl/chat"
	"example.com/im/idl/gen/im"
	"example.com/im/rpc-server/news"
	"example.com/im/rpc-server/sequencer"
	"example.com/im/rpc-server/store"
)

// codes lists the errors that callers may see, with their codes. Callers see only the
// text of the sentinel itself: what it wraps can be a SQL error.
var codes = []struct {
	err  error
	code im.Code
}{
	{store.ErrUnknown, im.Code_TIMEOUT}, // before ErrUnavailable, which it may wrap
	{sequencer.ErrFull, im.Code_UNAVAILABLE},
	{sequencer.ErrBusy, im.Code_UNAVAILABLE},
	{sequencer.ErrExpired, im.Code_UNAVAILABLE},
	{sequencer.ErrStopped, im.Code_UNAVAILABLE},
	{sequencer.ErrTimeout, im.Code_TIMEOUT},
	{store.ErrDiskFull, im.Code_UNAVAILABLE}, // before ErrUnavailable, which it comes with
	{store.ErrUnavailable, im.Code_UNAVAILABLE},
	{store.ErrConflict, im.Code_UNAVAILABLE},
	{store.ErrBusy, im.Code_UNAVAILABLE},
	{store.ErrKeyReused, im.Code_KEY_REUSED},
	{news.ErrStopped, im.Code_UNAVAILABLE},
	{news.ErrNoLanes, im.Code_UNAVAILABLE},
	{errDraining, im.Code_UNAVAILABLE},
	{errClockAhead, im.Code_UNAVAILABLE},
	{errNotChecked, im.Code_UNAVAILABLE},
	{store.ErrInboxRows, im.Code_UNAVAILABLE},
	{store.ErrSyncRows, im.Code_UNAVAILABLE},
	{store.ErrNoGroup, im.Code_NOT_FOUND},
	{store.ErrNotMember, im.Code_FORBIDDEN},
	{store.ErrClosed, im.Code_FORBIDDEN},
}

// codeOf is the one place where an error becomes a code and a text for callers. An
// error that it does not know is a defect, and its text stays in the log.
func codeOf(err error) (im.Code, string) {
	if err == nil {
		return im.Code_OK, ""
	}
	if rule := (*chat.Error)(nil); errors.As(err, &rule) {
		return im.Code_INVALID_ARGUMENT, rule.Error()
	}
	for _, known := range codes {
		if errors.Is(err, known.err) {
			return known.code, known.err.Error()
		}
	}
	return im.Code_INTERNAL, "internal error"
}
