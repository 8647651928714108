package wait

import (
	"fmt"
	"testing"
	"time"

	"example.com/im/idl/chat"
	"example.com/im/idl/gen/im"
)

// woken reports whether a reader was woken since it was last asked.
func (r *Reader) woken() bool {
	select {
	case <-r.signal:
		return true
	default:
		return false
	}
}

// enterSync lets in a reader of a member, which waits for long.
func enterSync(t *testing.T, r *Room, member string) *Reader {
	t.Helper()
	reader, err := r.EnterSync(member, time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	return reader
}

// own returns the news of a commit of an rpc-server's own.
func own(chats, read, added []string) *im.WatchResponse {
	return &im.WatchResponse{Chats: chats, Read_: read, Added: added}
}

// Each kind of news wakes the readers that it concerns, and no others.
func TestNewsWakes(t *testing.T) {
	t.Parallel()
	r, _ := newRoom(t, 9)
	pull := enter(t, r) // of a:b
	other, err := r.EnterPull("x:y", time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	group, err := r.EnterPull("team", time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	ann, bob, eve := enterSync(t, r, "a"), enterSync(t, r, "b"), enterSync(t, r, "e")
	ann.SetGroups([]string{"team", "club"}, false)
	bob.SetGroups([]string{"first"}, true)
	readers := map[string]*Reader{"pull": pull, "other": other, "group": group, "ann": ann, "bob": bob, "eve": eve}
	span := func(name chat.Name) []*im.Span {
		return []*im.Span{{Lane: int32(name.Lane()), After: 1, Upto: 2}}
	}
	// eve's groups are not known, and bob has more than those that are: any group's news wakes both.
	for name, tc := range map[string]struct {
		news  *im.WatchResponse
		wakes string
	}{
		"a message to two":      {own([]string{"a:b"}, nil, nil), "ann bob pull"},
		"a note to oneself":     {own([]string{"a:a"}, nil, nil), "ann"},
		"a mark in one of two":  {own(nil, []string{"a:b"}, nil), "ann bob"},
		"a message to a group":  {own([]string{"team"}, nil, nil), "ann bob eve group"},
		"a mark in a group":     {own(nil, []string{"club"}, nil), "ann bob eve"},
		"in a group not theirs": {own([]string{"guild"}, []string{"guild"}, nil), "bob eve"},
		"it comes into a group": {own(nil, nil, []string{"a", "z"}), "ann"},
		"somewhere else":        {own([]string{"p:q"}, []string{"p:q"}, []string{"p"}), ""},
		"others in a lane":      {&im.WatchResponse{Others: span("a:b")}, "ann bob eve pull"},
		"own, and others":       {&im.WatchResponse{Own: span("x:y"), Others: span("x:y")}, ""},
		"no lane":               {&im.WatchResponse{Own: []*im.Span{{Lane: 64}}, Others: []*im.Span{{Lane: -1}, {Lane: 64}}}, ""},
		"news are lost":         {&im.WatchResponse{Lost: new(true)}, "ann bob eve group other pull"},
	} {
		r.take(tc.news, 0)
		woken := ""
		for _, who := range []string{"ann", "bob", "eve", "group", "other", "pull"} {
			if readers[who].woken() {
				woken += " " + who
			}
		}
		if woken != "" {
			woken = woken[1:]
		}
		if woken != tc.wakes {
			t.Errorf("%s wakes %q; want %q", name, woken, tc.wakes)
		}
	}
	for _, reader := range readers {
		reader.Leave()
	}
	if len(r.seats.readers) != 0 || r.seats.groups != 0 || r.count.Load() != 0 {
		t.Errorf("when all have left, there are %v, and %d groups", r.seats.readers, r.seats.groups)
	}
}

// A reader follows the groups of its latest look. News of a group that come before it
// knows its groups wake it.
func TestGroupsChange(t *testing.T) {
	t.Parallel()
	r, _ := newRoom(t, 1)
	reader := enterSync(t, r, "a")
	news := func(group string, want bool) {
		t.Helper()
		r.take(own([]string{group}, nil, nil), 0)
		if got := reader.woken(); got != want {
			t.Errorf("%s wakes it: %t; want %t", group, got, want)
		}
	}
	news("team", true)
	reader.SetGroups([]string{"team", "team"}, false)
	news("team", true)
	news("club", false)
	reader.SetGroups([]string{"club"}, false)
	news("team", false)
	news("club", true)
	reader.SetGroups(nil, false)
	news("club", false)
	reader.SetGroups([]string{"club"}, true)
	news("team", true)
	reader.Leave()
	news("team", false)
	if r.seats.groups != 0 {
		t.Errorf("%d groups are left", r.seats.groups)
	}
}

// Readers wait for so many groups together. One whose groups are too many waits for all,
// until there is room.
func TestGroupsAreBounded(t *testing.T) {
	t.Parallel()
	r, _ := newRoom(t, 2)
	groups := func(n int) (names []string) {
		for i := range n {
			names = append(names, fmt.Sprint("team", i))
		}
		return names
	}
	first, second := enterSync(t, r, "a"), enterSync(t, r, "b")
	isWoken := func(reader *Reader, group string) bool {
		r.take(own([]string{group}, nil, nil), 0)
		return reader.woken()
	}
	first.SetGroups(groups(2*groupsPerReader), false)
	if isWoken(first, "club") || !isWoken(first, "team9") {
		t.Error("the first does not wait for its groups alone")
	}
	first.SetGroups(groups(2*groupsPerReader), false) // its own do not count twice
	second.SetGroups(groups(1), false)
	if isWoken(first, "club") || !isWoken(second, "club") {
		t.Error("the first does not wait for its groups alone, or the second not for all")
	}
	first.Leave()
	second.SetGroups(groups(1), false)
	if isWoken(second, "club") || !isWoken(second, "team0") {
		t.Error("the second still waits for all groups, although there is room")
	}
	second.Leave()
}

// What others have done wakes nobody if it is told of within the grace, and else all that
// it may concern, once.
func TestDoubtWaitsForGrace(t *testing.T) {
	t.Parallel()
	r, _ := newRoom(t, 1)
	reader, err := r.EnterSync("a", 20*time.Second)
	if err != nil {
		t.Fatal(err)
	}
	told, untold := &im.Span{Lane: 1, After: 1, Upto: 5}, &im.Span{Lane: 2, After: 1, Upto: 5}
	r.take(&im.WatchResponse{Others: []*im.Span{told, untold}}, 200*time.Millisecond)
	r.take(&im.WatchResponse{Own: []*im.Span{told}}, 0)
	if reader.woken() {
		t.Error("it is woken before the grace is over")
	}
	conn, _ := accepted(t)
	if reader.Wait(conn); !reader.MayLook() {
		t.Error("it is not woken after the grace")
	}
	if r.take(&im.WatchResponse{Others: []*im.Span{told, untold}}, 0); reader.woken() {
		t.Error("it is woken for what is accounted for")
	}
	reader.Leave()
}
