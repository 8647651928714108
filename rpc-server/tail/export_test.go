package tail

import (
	"context"

	"example.com/im/idl/chat"
	"example.com/im/rpc-server/store"
)

// The reads of a Tail, which tests hold up, count and replace.
type (
	PageReader func(context.Context, store.Query) (store.Page, error)
	LaneReader func() (store.Lanes, error)
)

// Kept is how many messages a chat is loaded with.
const Kept = kept

// LookInterval is the least time between the starts of two looks.
const LookInterval = lookInterval

// WrapPages changes how pages are read. It comes before the first pull.
func (t *Tail) WrapPages(wrap func(PageReader) PageReader) { t.readPage = wrap(t.readPage) }

// WrapLooks changes how lanes are read. It comes before the first look.
func (t *Tail) WrapLooks(wrap func(LaneReader) LaneReader) { t.looks.read = wrap(t.looks.read) }

// AwaitsLanding reports whether a pull waits for a commit in the chat's lane.
func (t *Tail) AwaitsLanding(name chat.Name) bool {
	l := &t.lanes[name.Lane()]
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.landed != nil
}

// AwaitsLook reports whether a pull waits for a look that has not started.
func (t *Tail) AwaitsLook() bool {
	t.looks.mu.Lock()
	defer t.looks.mu.Unlock()
	return t.looks.waiting != nil
}

// Holds reports whether a chat is in memory, to be pulled from.
func (t *Tail) Holds(name chat.Name) bool {
	l := &t.lanes[name.Lane()]
	l.mu.Lock()
	defer l.mu.Unlock()
	e := l.chats[name]
	return e != nil && e.readable
}

// Audit counts what is in memory, as Stats should.
func (t *Tail) Audit() (chats, bytes int64) {
	for id := range t.lanes {
		l := &t.lanes[id]
		l.mu.Lock()
		for _, e := range l.chats {
			chats++
			bytes += int64(entryBytes + len(e.chat))
			for _, m := range e.messages {
				bytes += int64(size(m))
			}
		}
		l.mu.Unlock()
	}
	return chats, bytes
}
