package delivery_test

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
)

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
