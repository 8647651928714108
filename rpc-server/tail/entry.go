package tail

import (
	"container/list"
	"slices"
	"sort"

	"example.com/im/idl/chat"
	"example.com/im/rpc-server/store"
)

const (
	// kept is how many messages a chat is loaded with: with the one that decides
	// whether there are more, one chunk of the store's. It may grow to twice as many.
	kept = 127

	// entryBytes is what an entry takes beside its messages, and messageBytes what a
	// message takes beside its text and sender: a measurement, with room to grow.
	entryBytes   = 512
	messageBytes = 112
)

// An entry is the memory of one chat: its newest messages. Its lane's lock guards
// what is not fixed.
type entry struct {
	chat   chat.Name
	place  *list.Element // in its lane
	used   uint64        // the number of the latest pull
	loaded chan struct{} // closed when it is readable, or never will be

	readable bool
	floor    int64 // messages below it are not here; 0: there are none
	// messages are in ascending order. They are added to and cut, but never changed
	// in place: pages share them.
	messages []store.Message
	bytes    int // in memory
}

func newEntry(name chat.Name) *entry {
	return &entry{chat: name, loaded: make(chan struct{}), bytes: entryBytes + len(name)}
}

// fill makes e readable with the newest page of its chat, to which it adds what
// was added while the page was read: of that, what is not in the page is newer, or
// below the page and thus below the floor.
func (e *entry) fill(newest store.Page) {
	added := e.messages
	e.messages, e.bytes = nil, entryBytes+len(e.chat)
	for _, m := range slices.Backward(newest.Messages) {
		e.add(m)
	}
	if newest.HasMore {
		e.floor = e.messages[0].SendTime
	}
	for _, m := range added {
		e.add(m)
	}
	e.readable = true
}

// add adds a message, unless it is here already.
func (e *entry) add(m store.Message) {
	if n := len(e.messages); n > 0 && m.SendTime <= e.messages[n-1].SendTime {
		return
	}
	m.Chat = e.chat // one string for all
	e.messages = append(e.messages, m)
	e.bytes += size(m)
}

// full reports whether e has grown to twice what it is loaded with at most.
func (e *entry) full() bool {
	return len(e.messages) > 2*kept || e.bytes > 2*(chat.MaxPageBytes+kept*messageBytes)
}

// cut leaves e as many messages as it would be loaded with.
func (e *entry) cut() {
	from, texts := len(e.messages), 0
	for from > 0 && len(e.messages)-from < kept {
		if texts += len(e.messages[from-1].Text); texts > chat.MaxPageBytes {
			break
		}
		from--
	}
	for _, m := range e.messages[:from] {
		e.bytes -= size(m)
	}
	e.messages = slices.Clone(e.messages[from:]) // the others are for the collector
	e.floor = e.messages[0].SendTime
}

// size returns what m takes in memory.
func size(m store.Message) int { return messageBytes + len(m.Text) + len(m.Sender) }

// A span is the part of an entry that answers a query.
type span struct {
	first, n, step int // n messages from the index first on, with 1 or -1 between them
	more           bool
	next           int64 // cursor
}

// find returns what answers q, and whether e covers q: it knows all that q asks
// for, and whether there is more. It ends a page as the store does.
func (e *entry) find(q store.Query) (s span, covered bool) {
	if !e.readable || !q.Reverse && q.Cursor < e.floor {
		return span{}, false
	}
	s = e.start(q)
	texts := 0
	for i := s.first; 0 <= i && i < len(e.messages); i += s.step {
		if texts += len(e.messages[i].Text); s.n == q.Limit || texts > chat.MaxPageBytes {
			s.more, s.next = true, e.messages[i].SendTime
			return s, true
		}
		s.next = e.messages[i].SendTime + int64(s.step)
		s.n++
	}
	return s, !q.Reverse || e.floor == 0
}

// start returns the empty span at which q starts.
func (e *entry) start(q store.Query) span {
	all := len(e.messages)
	if !q.Reverse {
		first := sort.Search(all, func(i int) bool { return e.messages[i].SendTime >= q.Cursor })
		return span{first: first, step: 1, next: q.Cursor}
	}
	first := all - 1
	if q.Cursor != 0 {
		first = sort.Search(all, func(i int) bool { return e.messages[i].SendTime > q.Cursor }) - 1
	}
	return span{first: first, step: -1, next: q.Cursor}
}

// page answers q, if e covers it.
func (e *entry) page(q store.Query) (page store.Page, covered bool) {
	s, ok := e.find(q)
	if !ok {
		return store.Page{}, false
	}
	return store.Page{Messages: e.read(s), HasMore: s.more, NextCursor: s.next}, true
}

// read returns the messages of s, in its order.
func (e *entry) read(s span) []store.Message {
	if s.step > 0 {
		end := s.first + s.n
		return e.messages[s.first:end:end]
	}
	messages := make([]store.Message, s.n)
	for i := range messages {
		messages[i] = e.messages[s.first-i]
	}
	return messages
}
