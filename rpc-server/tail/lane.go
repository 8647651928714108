package tail

import (
	"container/list"
	"context"
	"math"
	"sync"
	"time"

	"example.com/im/idl/chat"
	"example.com/im/rpc-server/store"
)

// landingTime is for how long a pull waits for a commit of this instance that it
// may have seen before the sequencer has: usually the way of an answer. Reading the
// index is as right, so a batch that hangs holds up nobody for longer.
const landingTime = 20 * time.Millisecond

// A lane is the memory of one lane's chats.
//
// Each of its entries holds every message of its chat from its floor up to
// complete, and up to its own newest message if that is later. complete is a value
// that the lane has had in the database, so nothing will ever be added below it. It
// moves on in two ways alone: over the messages of one commit of this instance,
// which begin at complete and are added to the entries at the same moment, or to
// whatever was seen, and then nothing of the lane is kept.
type lane struct {
	mu       sync.Mutex
	complete int64         // a send_time; 0 before anything is known
	flying   int           // commits of this instance that are under way
	landed   chan struct{} // closed when one of them ends; nil if nobody waits
	chats    map[chat.Name]*entry
	recent   list.List // of the entries, the one used last in front
	counts   *counts
}

func (l *lane) init(c *counts) {
	l.chats = make(map[chat.Name]*entry)
	l.counts = c
}

// entry returns the entry of a chat. If there was none, it is a new one for the
// caller to load.
func (l *lane) entry(name chat.Name) (e *entry, made bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if e := l.chats[name]; e != nil {
		e.used = l.counts.pulls.Add(1)
		l.recent.MoveToFront(e.place)
		return e, false
	}
	e = newEntry(name)
	e.used = l.counts.pulls.Add(1)
	e.place = l.recent.PushFront(e)
	l.chats[name] = e
	l.counts.grow(1, e.bytes)
	return e, true
}

// fill fills e with the newest page of its chat, and answers q if e covers it.
func (l *lane) fill(e *entry, newest store.Page, q store.Query) (page store.Page, covered bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	before := e.bytes
	e.fill(newest)
	if l.chats[e.chat] == e {
		l.counts.grow(0, e.bytes-before)
	}
	return e.page(q)
}

// loaded lets those go on who wait for e to be loaded, if only to read the index.
func (l *lane) loaded(e *entry) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !e.readable {
		l.drop(e)
	}
	close(e.loaded)
}

// covers reports whether q can be answered from e, once it is proved fresh.
func (l *lane) covers(e *entry, q store.Query) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	_, ok := e.find(q)
	return ok && l.chats[e.chat] == e
}

// page answers q from e, if e is still kept and covers it.
func (l *lane) page(e *entry, q store.Query) (page store.Page, ok bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.chats[e.chat] != e {
		return store.Page{}, false
	}
	return e.page(q)
}

// current reports whether memory has the lane up to seen, which a look has shown.
// If that is more than memory has, it may be a commit of this instance of which
// only the database knows yet; if it is not, the lane is forgotten.
func (l *lane) current(ctx context.Context, seen int64) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if seen <= l.complete {
		return true
	}
	ctx, cancel := context.WithTimeout(ctx, landingTime)
	defer cancel()
	for seen > l.complete && l.flying > 0 && ctx.Err() == nil {
		l.awaitLanding(ctx)
	}
	return l.upTo(seen)
}

// awaitLanding waits, without the lock, until a commit ends or ctx is done.
func (l *lane) awaitLanding(ctx context.Context) {
	if l.landed == nil {
		l.landed = make(chan struct{})
	}
	landed := l.landed
	l.mu.Unlock()
	defer l.mu.Lock()
	select {
	case <-landed:
	case <-ctx.Done():
	}
}

// learn takes note of a value that the lane has in the database.
func (l *lane) learn(seen int64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.upTo(seen)
}

// upTo reports whether memory has the lane up to seen, and forgets the lane if not,
// unless a commit of this instance is under way that may have moved it there.
func (l *lane) upTo(seen int64) bool {
	if seen <= l.complete {
		return true
	}
	if l.flying == 0 {
		l.forget()
		l.complete = seen
	}
	return false
}

// oldest returns when the entry was used that was not used for the longest time.
func (l *lane) oldest() (used uint64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if e := l.last(); e != nil {
		return e.used
	}
	return math.MaxUint64
}

// evict drops the entry that was not used for the longest time.
func (l *lane) evict() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if e := l.last(); e != nil {
		l.drop(e)
	}
}

func (l *lane) last() *entry {
	if place := l.recent.Back(); place != nil {
		return place.Value.(*entry)
	}
	return nil
}

// forget drops all entries.
func (l *lane) forget() {
	if len(l.chats) > 0 {
		l.counts.forgotten.Add(1)
	}
	for _, e := range l.chats {
		l.drop(e)
	}
}

// drop takes e out of the lane, if it is in it. Who has it in hand may still read
// the page that it was made of, but nobody finds it, and nothing is added.
func (l *lane) drop(e *entry) {
	if l.chats[e.chat] != e {
		return
	}
	delete(l.chats, e.chat)
	l.recent.Remove(e.place)
	l.counts.grow(-1, -e.bytes)
}
