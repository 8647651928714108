package store_test

import (
	"cmp"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"example.com/im/idl/chat"
	"example.com/im/rpc-server/store"
)

// A world is what the store should hold of some members, their chats and groups.
type world struct {
	r        *rand.Rand
	clock    time.Time
	messages map[chat.Name][]store.Message
	stays    map[string][]worldStay // by member and group
	marks    map[string]store.ReadMark
	moved    map[string]int64 // when each mark was moved
}

type worldStay struct{ joined, left int64 }

var (
	worldMembers = []string{"a", "b", "c", "d", "é"}
	worldGroups  = []chat.Name{"g", "team", "zz"}
)

func newWorld(r *rand.Rand) *world {
	return &world{
		r: r, clock: time.Now(), messages: make(map[chat.Name][]store.Message), stays: make(map[string][]worldStay),
		marks: make(map[string]store.ReadMark), moved: make(map[string]int64),
	}
}

func at(name chat.Name, member string) string { return member + " in " + string(name) }

func (w *world) member() string { return worldMembers[w.r.IntN(len(worldMembers))] }

func (w *world) group() chat.Name { return worldGroups[w.r.IntN(len(worldGroups))] }

// in reports whether a member is in a group now.
func (w *world) in(name chat.Name, member string) bool {
	stays := w.stays[at(name, member)]
	return len(stays) > 0 && stays[len(stays)-1].left == math.MaxInt64
}

// present returns the members of a group.
func (w *world) present(name chat.Name) (members []string) {
	for _, member := range worldMembers {
		if w.in(name, member) {
			members = append(members, member)
		}
	}
	return members
}

// sees returns the chats of which a member sees anything, with the times.
func (w *world) sees(member string) map[chat.Name][]worldStay {
	seen := make(map[chat.Name][]worldStay)
	for name := range w.messages {
		switch {
		case name.IsGroup() && len(w.stays[at(name, member)]) > 0:
			seen[name] = w.stays[at(name, member)]
		case !name.IsGroup() && name.Has(member):
			seen[name] = []worldStay{{0, math.MaxInt64}}
		}
	}
	return seen
}

func (s worldStay) has(at int64) bool { return s.joined <= at && at <= s.left }

// random returns a send of any kind.
func (w *world) random() *store.Send {
	member := w.member()
	name := w.group()
	switch w.r.IntN(10) {
	case 0, 1:
		var add, remove []string
		for range w.r.IntN(3) {
			add = append(add, w.member())
		}
		for range w.r.IntN(2) {
			if gone := w.member(); !slices.Contains(add, gone) {
				remove = append(remove, gone)
			}
		}
		wanted := store.NewChange(add, remove)
		return &store.Send{Message: store.Message{Chat: name, Sender: member}, Member: member, Wanted: &wanted}
	case 2, 3:
		if w.r.IntN(2) == 0 {
			name = w.pair(member)
		}
		upTo := w.clock.UnixMicro() + w.r.Int64N(1_000_000) - 500_000
		return &store.Send{Message: store.Message{Chat: name}, Member: member, ReadUpTo: upTo}
	case 4, 5, 6:
		name = w.pair(member)
	}
	return &store.Send{Message: store.Message{Chat: name, Sender: strings.ToUpper(member), Text: fmt.Sprint(w.r.Uint32())}, Member: member}
}

func (w *world) pair(member string) chat.Name {
	other := w.member()
	return chat.Name(min(member, other) + ":" + max(member, other))
}

// commit stores a random batch. The clock moves by milliseconds, and now and then by
// more than a minute.
func (w *world) commit(t *testing.T, st *store.Store) {
	t.Helper()
	w.clock = w.clock.Add(time.Duration(w.r.IntN(2_000)) * time.Millisecond)
	if w.r.IntN(10) == 0 {
		w.clock = w.clock.Add(time.Duration(w.r.IntN(150)) * time.Second)
	}
	var batch []*store.Send
	var asked []string
	for range 1 + w.r.IntN(6) {
		s := w.random()
		batch, asked = append(batch, s), append(asked, fmt.Sprintf("%+v", *s))
	}
	if err := st.Commit(batch, func() time.Time { return w.clock }); err != nil {
		t.Fatal(err)
	}
	for i, s := range batch {
		if want := w.apply(s); s.Outcome != want {
			t.Fatalf("%s: outcome %d; want %d", asked[i], s.Outcome, want)
		}
	}
}

// apply changes the world by a send that was committed, and returns what was to become
// of it.
func (w *world) apply(s *store.Send) store.Outcome {
	if s.Chat.IsGroup() {
		made, present := len(w.messages[s.Chat]) > 0, w.present(s.Chat)
		switch {
		case !made && s.Wanted == nil:
			return store.NoGroup
		case made && len(present) == 0:
			return store.Closed
		case made && !w.in(s.Chat, s.Member):
			return store.NotMember
		}
	}
	switch {
	case s.Wanted != nil:
		return w.change(s)
	case s.IsMark():
		return w.mark(s)
	}
	w.messages[s.Chat] = append(w.messages[s.Chat], s.Message)
	return store.Stored
}

func (w *world) change(s *store.Send) store.Outcome {
	added, removed := s.Change.Names()
	if s.Change == "" {
		return store.Unchanged
	}
	for _, member := range added {
		w.stays[at(s.Chat, member)] = append(w.stays[at(s.Chat, member)], worldStay{s.SendTime, math.MaxInt64})
	}
	for _, member := range removed {
		stays := w.stays[at(s.Chat, member)]
		stays[len(stays)-1].left = s.SendTime
	}
	w.messages[s.Chat] = append(w.messages[s.Chat], s.Message)
	return store.Stored
}

func (w *world) mark(s *store.Send) store.Outcome {
	key := at(s.Chat, s.Member)
	if s.SendTime == 0 {
		return store.Unchanged
	}
	w.marks[key] = store.ReadMark{Chat: s.Chat, Member: s.Member, SendTime: s.Stands}
	w.moved[key] = s.SendTime
	return store.Stored
}

// expected returns what a member that knows the lanes after is to learn, by chat.
func (w *world) expected(member string, after store.Lanes) map[chat.Name][]store.Message {
	all := make(map[chat.Name][]store.Message)
	for name, stays := range w.sees(member) {
		for _, m := range w.messages[name] {
			if m.SendTime > after[name.Lane()] && slices.ContainsFunc(stays, func(s worldStay) bool { return s.has(m.SendTime) }) {
				all[name] = append(all[name], m)
			}
		}
	}
	return all
}

// inbox returns a member's inbox.
func (w *world) inbox(member string) (inbox store.Inbox) {
	for name := range w.sees(member) {
		if all := w.messages[name]; !name.IsGroup() || w.in(name, member) {
			inbox.Last = append(inbox.Last, all[len(all)-1])
		}
	}
	slices.SortFunc(inbox.Last, func(a, b store.Message) int {
		return cmp.Or(cmp.Compare(b.SendTime, a.SendTime), cmp.Compare(a.Chat, b.Chat))
	})
	for _, last := range inbox.Last {
		state := store.State{Read: w.marks[at(last.Chat, member)].SendTime}
		stays := w.sees(member)[last.Chat]
		for _, m := range w.messages[last.Chat] {
			if m.SendTime > state.Read && m.SendTime >= stays[len(stays)-1].joined && strings.ToLower(m.Sender) != member {
				state.Unread = min(state.Unread+1, store.MaxUnread)
			}
		}
		inbox.States = append(inbox.States, state)
	}
	return inbox
}
