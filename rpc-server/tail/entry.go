package tail

import (
	"container/list"
	"slices"
	"sort"

	"example.com/im/idl/chat"
	"example.com/im/rpc-server/store"
)

const (
	// kept is how many messages a load reads. Together with the one that decides
	// whether there are more, that is one chunk of the store's. An entry may grow to
	// twice as many.
	kept = 127

	// entryBytes is what an entry takes beside its messages, and messageBytes what a
	// message takes beside its text and sender: both as measured, with a reserve.
	entryBytes   = 512
	messageBytes = 128
)

// An entry is the memory of one chat: its newest messages. Its lane's lock guards all
// that changes.
type entry struct {
	chat   chat.Name
	place  *list.Element // in its lane
	used   uint64        // the number of the latest pull
	loaded chan struct{} // closed when it is readable, or never will be

	readable bool
	floor    int64 // messages below it are not here; 0: there are none
	// messages are in ascending order. Entries add messages and cut them off, but never
	// change one in place: pages share them.
	messages []store.Message
	bytes    int // in memory
}

func newEntry(name chat.Name) *entry {
	return &entry{chat: name, loaded: make(chan struct{}), bytes: entryBytes + len(name)}
}

// fill makes e readable with the newest page of its chat, and adds what commits have
// added while the page was read. An added message that is not in the page is newer than
// the page, or below it and thus below the floor.
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

// full reports whether e has grown to twice what a load reads at most.
func (e *entry) full() bool {
	return len(e.messages) > 2*kept || e.bytes > 2*(chat.MaxPageBytes+kept*messageBytes)
}

// cut leaves e as many messages as a load would read.
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

// A window is the part of an entry that answers a query.
type window struct {
	first, n, step int // n messages from the index first on, with 1 or -1 between them
	more           bool
	next           int64 // cursor
}

// find returns the window that answers q. e covers q if it holds all that q asks for,
// and knows whether there is more. find ends a page as the store does.
func (e *entry) find(q store.Query) (w window, covered bool) {
	if !e.readable || !q.Reverse && q.Cursor < e.floor {
		return window{}, false
	}
	w = e.start(q)
	texts := 0
	for i := w.first; 0 <= i && i < len(e.messages); i += w.step {
		if texts += len(e.messages[i].Text); w.n == q.Limit || texts > chat.MaxPageBytes {
			w.more, w.next = true, e.messages[i].SendTime
			return w, true
		}
		w.next = e.messages[i].SendTime + int64(w.step)
		w.n++
	}
	return w, !q.Reverse || e.floor == 0
}

// start returns the empty window at which q starts.
func (e *entry) start(q store.Query) window {
	all := len(e.messages)
	if !q.Reverse {
		first := sort.Search(all, func(i int) bool { return e.messages[i].SendTime >= q.Cursor })
		return window{first: first, step: 1, next: q.Cursor}
	}
	first := all - 1
	if q.Cursor != 0 {
		first = sort.Search(all, func(i int) bool { return e.messages[i].SendTime > q.Cursor }) - 1
	}
	return window{first: first, step: -1, next: q.Cursor}
}

// page answers q, if e covers it.
func (e *entry) page(q store.Query) (page store.Page, covered bool) {
	w, ok := e.find(q)
	if !ok {
		return store.Page{}, false
	}
	return store.Page{Messages: e.read(w), HasMore: w.more, NextCursor: w.next}, true
}

// read returns the messages of w, in its order.
func (e *entry) read(w window) []store.Message {
	if w.step > 0 {
		end := w.first + w.n
		return e.messages[w.first:end:end]
	}
	messages := make([]store.Message, w.n)
	for i := range messages {
		messages[i] = e.messages[w.first-i]
	}
	return messages
}
