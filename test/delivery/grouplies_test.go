package delivery_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"example.com/im/test/delivery"
	"example.com/im/test/stack/stacktest"
)

// What a gateway lies about syncs, groups and read marks is found as well.
func TestLiesAboutMembers(t *testing.T) {
	t.Parallel()
	gateway := stacktest.URL(t)
	for name, tc := range map[string]struct {
		lie  lie
		want delivery.Kind
	}{
		"a sync leaves a message out":                   {onSync(func(p object) { p["messages"] = list(p, "messages")[1:] }), delivery.SyncSkip},
		"a sync shows a message twice":                  {onSync(func(p object) { p["messages"] = append(list(p, "messages"), list(p, "messages")[0]) }), delivery.SyncRepeat},
		"a sync turns a page round":                     {onSync(func(p object) { slices.Reverse(list(p, "messages")) }), delivery.NonMonotonicPoll},
		"a sync changes a text":                         {onSync(func(p object) { list(p, "messages")[0].(object)["text"] = "0 x" }), delivery.Phantom},
		"a sync says that there is nothing new":         {noNews, delivery.StaleRead},
		"a sync shows what came before the member":      {outside("added", "&reverse=true&limit=1&cursor=%d", -1), delivery.OutsideStay},
		"a sync shows what came after the member":       {outside("removed", "&wait_ms=5000&limit=1&cursor=%d", 1), delivery.OutsideStay},
		"a sync tells of no marks":                      {on("/sync", func(_ *http.Request, p object, _ func() bool) { p["reads"] = []any{} }), delivery.StaleRead},
		"a sync tells of an old mark":                   {onSome("/sync", "reads", func(m object) bool { return reset(m, "send_time", 1) }), delivery.ReadBack},
		"an inbox leads back to an earlier one":         {oldCursor(), delivery.SyncRepeat},
		"an inbox leads past what it does not show":     {laterCursor, delivery.SyncSkip},
		"an inbox shows an old mark":                    {onSome("/chats", "chats", func(c object) bool { return reset(c, "read", 0) }), delivery.ReadBack},
		"an inbox counts one more":                      {onSome("/chats", "chats", func(c object) bool { return reset(c, "unread", c["unread"].(float64)+1) }), delivery.UnreadMismatch},
		"an inbox counts none":                          {onSome("/chats", "chats", func(c object) bool { return reset(c, "unread", 0) }), delivery.UnreadMismatch},
		"a list of members shows an old mark":           {onSome("/members", "members", func(m object) bool { return reset(m, "read", 0) }), delivery.ReadBack},
		"a list of members lacks one":                   {onMembers(func(p object) { p["members"] = list(p, "members")[1:] }), delivery.MembersMismatch},
		"a change is answered with a wrong number":      {onChange(func(p object) { p["members"] = p["members"].(float64) + 1 }), delivery.MembersMismatch},
		"a change is acknowledged and not made":         {forged(`{"chat": %q, "send_time": 1, "members": 1}`), delivery.LostWrite},
		"changes are made and refused":                  {refused, delivery.AbortedRead},
		"a change is shown with somebody less":          {onAdded(true), delivery.MembersMismatch},
		"nobody is told that somebody came":             {onAdded(false), delivery.Outsider},
		"a member is refused":                           {forbidden, delivery.MemberRefused},
		"a mark is acknowledged where it was long ago":  {onRead(func(p object) { p["send_time"] = 1 }), delivery.ReadBack},
		"a mark is acknowledged where nobody wanted it": {onRead(func(p object) { p["send_time"] = p["send_time"].(float64) + 1e9 }), delivery.Phantom},
	} {
		t.Run(name, func(t *testing.T) { wantFound(t, gateway, 1, tc.lie, tc.want) })
	}
}

// isChange reports whether a request is to change a group that there is: one of few names.
func isChange(r *http.Request) bool {
	return r.Method == http.MethodPost && strings.HasSuffix(r.URL.Path, "/members") && len(list(request(r), "add")) < 7
}

// onChange is a lie about the answers to changes of groups.
func onChange(change func(p object)) lie {
	return on("/members", func(r *http.Request, p object, may func() bool) {
		if isChange(r) && may() {
			change(p)
		}
	})
}

// onMembers is a lie about lists of members.
func onMembers(change func(p object)) lie {
	return on("/members", func(r *http.Request, p object, may func() bool) {
		if r.Method == http.MethodGet && len(list(p, "members")) > 0 && may() {
			change(p)
		}
	})
}

// onRead is a lie about the answers to calls that move marks.
func onRead(change func(p object)) lie {
	return on("/read", func(_ *http.Request, p object, may func() bool) {
		if may() {
			change(p)
		}
	})
}

// onSync is a lie about syncs that have at least two messages.
func onSync(change func(p object)) lie {
	return on("/sync", func(_ *http.Request, p object, may func() bool) {
		if len(list(p, "messages")) >= 2 && may() {
			change(p)
		}
	})
}

// onSome is a lie about one of the things in an answer.
func onSome(path, field string, change func(object) bool) lie {
	return on(path, func(_ *http.Request, p object, may func() bool) {
		for _, one := range list(p, field) {
			if may() && change(one.(object)) {
				return
			}
		}
	})
}

// reset changes a number, and reports whether it was another one.
func reset(o object, field string, to float64) bool {
	was := o[field]
	o[field] = to
	return was != to
}
