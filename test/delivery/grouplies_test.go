package delivery_test

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
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

// onAdded is a lie about who came into groups: on one of the pages, or always.
func onAdded(once bool) lie {
	return func(r *http.Request, forward func() *answer, may func() bool) *answer {
		if r.Method != http.MethodGet {
			return nil
		}
		return change(forward(), func(p object) {
			for _, m := range list(p, "messages") {
				added := list(m.(object), "added")
				isGoer := func(name any) bool { return strings.HasPrefix(name.(string), "g-") }
				if slices.ContainsFunc(added, isGoer) && (!once || may()) {
					m.(object)["added"] = slices.DeleteFunc(added, isGoer)
				}
			}
		})
	}
}

// outside shows in a sync the message next to the change with which its member comes or
// goes.
func outside(field, query string, step int64) lie {
	return func(r *http.Request, forward func() *answer, _ func() bool) *answer {
		if !strings.HasSuffix(r.URL.Path, "/sync") {
			return nil
		}
		return change(forward(), func(p object) {
			messages := list(p, "messages")
			for i, m := range messages {
				if !slices.Contains(list(m.(object), field), any(r.URL.Query().Get("member"))) {
					continue
				}
				at := int64(m.(object)["send_time"].(float64))
				sync := r.URL
				r.URL, _ = url.Parse("/api/pull?chat=" + m.(object)["chat"].(string) + fmt.Sprintf(query, at+step))
				next := list(decode(forward().body), "messages")
				r.URL = sync
				p["messages"] = slices.Insert(messages, i+int(step+1)/2, next...)
				return
			}
		})
	}
}

// noNews is a lie about syncs that have messages.
func noNews(r *http.Request, forward func() *answer, may func() bool) *answer {
	return on("/sync", func(r *http.Request, p object, may func() bool) {
		if len(list(p, "messages")) > 0 && may() {
			p["messages"], p["has_more"], p["next_cursor"] = []any{}, false, r.URL.Query().Get("cursor")
		}
	})(r, forward, may)
}

// oldCursor gives all inboxes of a member the sync_cursor of the first one.
func oldCursor() lie {
	var first sync.Map
	return on("/chats", func(r *http.Request, p object, _ func() bool) {
		if cursor, given := p["sync_cursor"]; given {
			p["sync_cursor"], _ = first.LoadOrStore(r.URL.Query().Get("member"), cursor)
		}
	})
}

// laterCursor gives an inbox the sync_cursor of a later one.
func laterCursor(r *http.Request, forward func() *answer, _ func() bool) *answer {
	return on("/chats", func(_ *http.Request, p object, _ func() bool) {
		if _, given := p["sync_cursor"]; !given {
			return
		}
		const tries = 100
		for range tries {
			later := decode(forward().body)
			if p["sync_cursor"] = later["sync_cursor"]; fmt.Sprint(later["chats"]) != fmt.Sprint(p["chats"]) {
				return
			}
		}
	})(r, forward, nil)
}

// forged answers a change without making it.
func forged(body string) lie {
	return func(r *http.Request, _ func() *answer, may func() bool) *answer {
		if !isChange(r) || !may() {
			return nil
		}
		return &answer{http.StatusOK, nil, fmt.Appendf(nil, body, request(r)["chat"])}
	}
}

// refused makes changes and refuses them.
func refused(r *http.Request, forward func() *answer, _ func() bool) *answer {
	if !isChange(r) {
		return nil
	}
	forward()
	return &answer{http.StatusServiceUnavailable, http.Header{"Retry-After": {"1"}}, nil}
}

// forbidden refuses a send of the member who is in all groups.
func forbidden(r *http.Request, _ func() *answer, may func() bool) *answer {
	if !strings.HasSuffix(r.URL.Path, "/send") {
		return nil
	}
	m := request(r)
	if !strings.HasPrefix(m["chat"].(string), "group-") || !strings.HasPrefix(m["sender"].(string), "a-") || !may() {
		return nil
	}
	return &answer{status: http.StatusForbidden}
}
