package client_test

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"testing"

	"example.com/im/idl/client"
	"example.com/im/test/stack/stacktest"
)

// A change is stored once, whatever becomes of its answers, and whatever changes before it
// is repeated: who was removed meanwhile does not come back.
func TestChangeIsStoredOnce(t *testing.T) {
	t.Parallel()
	service := stacktest.URL(t)
	for name, fault := range map[string]func(http.ResponseWriter) bool{"hung-up": hangUp, "timeout": answer(504, "")} {
		chat := "team-" + name
		meanwhile := func(n int32, w http.ResponseWriter) bool {
			if n > 1 {
				return true
			}
			_, err := (&client.Client{URL: service}).ChangeMembers(t.Context(), client.Change{Chat: chat, By: "ann", Remove: []string{"bob"}})
			if err != nil {
				t.Error(err)
			}
			return fault(w)
		}
		n := startNetwork(t, service, pass, meanwhile)
		c := client.Client{URL: n.url}
		changed, err := c.ChangeMembers(t.Context(), client.Change{Chat: "Team-" + name, By: "Ann", Add: []string{"bob"}})
		if err != nil || changed.Chat != chat || changed.SendTime == 0 {
			t.Errorf("%s: ChangeMembers = %+v, %v", name, changed, err)
		}
		want := []string{"added ann and bob", "removed bob"}
		if got := texts(t, service, chat); !slices.Equal(got, want) || n.requests.Load() != 2 {
			t.Errorf("%s: stored %q after %d requests; want %q after 2", name, got, n.requests.Load(), want)
		}
	}
}

// Members goes through all pages, and says how far each has read.
func TestMembers(t *testing.T) {
	t.Parallel()
	c := client.Client{URL: stacktest.URL(t)}
	want := []string{"ann"}
	var last client.Changed
	for part := range 3 {
		var add []string
		for i := range 84 { // three pages, of which the last has 53
			add = append(add, fmt.Sprintf("member-%d-%02d", part, i))
		}
		var err error
		if last, err = c.ChangeMembers(t.Context(), client.Change{Chat: "team", By: "ann", Add: add}); err != nil {
			t.Fatal(err)
		}
		want = append(want, add...)
	}
	stands, err := c.MarkRead(t.Context(), client.ReadMark{Chat: " TEAM", Member: "Ann", SendTime: 1 << 62})
	if err != nil || stands != (client.ReadMark{Chat: "team", Member: "ann", SendTime: last.SendTime}) || last.Members != len(want) {
		t.Errorf("MarkRead = %+v, %v; want the last change %+v", stands, err, last)
	}
	if back, err := c.MarkRead(t.Context(), client.ReadMark{Chat: "team", Member: "ann", SendTime: 1}); err != nil || back != stands {
		t.Errorf("MarkRead of an earlier time = %+v, %v; want %+v", back, err, stands)
	}
	var got []string
	for m, err := range c.Members(t.Context(), "Team") {
		if err != nil {
			t.Fatal(err)
		}
		if read := m.Read != 0; read != (m.Member == "ann") {
			t.Errorf("%+v", m)
		}
		got = append(got, m.Member)
	}
	if !slices.Equal(got, want) {
		t.Errorf("members are %d: %q; want %d", len(got), got, len(want))
	}
	for range c.Members(t.Context(), "team") {
		break // the rest is not read
	}
}

// What a group refuses is an *Error with its code.
func TestGroupRefuses(t *testing.T) {
	t.Parallel()
	c := client.Client{URL: stacktest.URL(t)}
	ctx := t.Context()
	change := func(chat, by string, add, remove []string) error {
		_, err := c.ChangeMembers(ctx, client.Change{Chat: chat, By: by, Add: add, Remove: remove})
		return err
	}
	if err := errors.Join(change("team", "ann", nil, nil), change("gone", "ann", nil, nil), change("gone", "ann", nil, []string{"ann"})); err != nil {
		t.Fatal(err)
	}
	send := func(chat string) error {
		_, err := c.Send(ctx, client.Message{Chat: chat, Sender: "eve", Text: "x"})
		return err
	}
	read := func(chat string) error {
		_, err := c.MarkRead(ctx, client.ReadMark{Chat: chat, Member: "eve", SendTime: 1})
		return err
	}
	members := func(chat string) (err error) {
		for _, err = range c.Members(ctx, chat) {
		}
		return err
	}
	inbox := func(q client.InboxQuery) error { _, err := c.Inbox(ctx, q); return err }
	reused := client.Change{Chat: "team", By: "ann", Add: []string{"bob"}, Key: "k"}
	if _, err := c.ChangeMembers(ctx, reused); err != nil {
		t.Fatal(err)
	}
	reused.Add[0] = "kim"
	_, keyErr := c.ChangeMembers(ctx, reused)
	for name, tc := range map[string]struct {
		err  error
		code string
	}{
		"a change by a stranger":       {change("team", "eve", []string{"eve"}, nil), "forbidden"},
		"a change of a closed group":   {change("gone", "ann", []string{"ann"}, nil), "forbidden"},
		"a change of a chat of two":    {change("a:b", "a", []string{"c"}, nil), "invalid_argument"},
		"a key that is used":           {keyErr, "key_reused"},
		"a send by a stranger":         {send("team"), "forbidden"},
		"a send to nobody's group":     {send("none"), "not_found"},
		"a mark of a stranger":         {read("team"), "forbidden"},
		"a mark in nobody's group":     {read("none"), "not_found"},
		"the members of no group":      {members("none"), "not_found"},
		"an inbox of nobody":           {inbox(client.InboxQuery{}), "invalid_argument"},
		"an inbox from nowhere":        {inbox(client.InboxQuery{Member: "ann", Cursor: "none"}), "invalid_argument"},
		"a preview of a negative size": {inbox(client.InboxQuery{Member: "ann", Preview: -1}), "invalid_argument"},
	} {
		if refused, ok := errors.AsType[*client.Error](tc.err); !ok || refused.Code != tc.code {
			t.Errorf("%s: %v; want %s", name, tc.err, tc.code)
		}
	}
}
