package tail

import (
	"context"
	"sync/atomic"

	"example.com/im/idl/chat"
	"example.com/im/rpc-server/store"
)

// The reads of a Tail. Tests hold them up, count and replace them.
type (
	PageReader func(context.Context, store.Query) (store.Page, error)
	LaneReader func() (store.Lanes, error)
)

// Kept is how many messages a chat is loaded with.
const Kept = kept

// ReadInterval is the least time between the starts of two lane reads.
const ReadInterval = readInterval

// WrapPages changes how pages are read. A test calls it before the first pull.
func (t *Tail) WrapPages(wrap func(PageReader) PageReader) { t.readPage = wrap(t.readPage) }

// WrapLaneReads changes how lanes are read. A test calls it before the first lane read.
func (t *Tail) WrapLaneReads(wrap func(LaneReader) LaneReader) {
	t.laneReads.Read = wrap(t.laneReads.Read)
}

// AwaitsCommit reports whether a pull waits for the end of a commit in the chat's lane.
func (t *Tail) AwaitsCommit(name chat.Name) bool {
	l := &t.lanes[name.Lane()]
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.ended != nil
}

// CountAsked counts the pulls that have asked for a lane read. A test calls it before the
// first pull.
func (t *Tail) CountAsked() *atomic.Int64 {
	next, asked := t.nextRead, &atomic.Int64{}
	t.nextRead = func() *store.LaneRead {
		defer asked.Add(1)
		return next()
	}
	return asked
}

// Holds reports whether a chat is in memory and answers pulls.
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
